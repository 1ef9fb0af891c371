#include "manifest/judge.hpp"
#include "manifest/json_text.hpp"
#include "manifest/presigned.hpp"
#include "manifest/sentence.hpp"

#include <mcbatch/manifest/url.hpp>

#include <algorithm>
#include <stdexcept>

namespace mcbatch::manifest {
namespace {

void note_signature(std::string_view url, entry& e) {
  if (!may_be_signed(url)) return;
  const auto end = presigned_until(url);
  if (end && (!e.expires_at || *end < *e.expires_at)) e.expires_at = end;
  e.temporary = e.temporary || has_temporary_credentials(url);
}

std::string text_of(draft&& d) {
  return d.text.empty() ? std::move(d.body) : std::string(d.text);
}

} // namespace

judge::filler judge::make_filler(const default_field& field) {
  filler f{field.name, {}, kind::null, {}};
  append_json_string(f.member, field.name);
  f.member += ':' + field.json;
  std::string object = '{' + f.member + '}';
  std::vector<problem> problems;
  walker walk;
  const auto seen = walk.walk(object, 0, problems);
  if (!seen || seen->members.size() != 1) throw std::invalid_argument("a default that is no JSON: " + field.name);
  f.type = seen->members.front().val.type;
  f.text = seen->members.front().val.text;
  return f;
}

result<judge> judge::make(const options& opts) {
  judge made;
  made.key_field_ = opts.key_field;
  for (const auto& field : opts.defaults) {
    const bool twice =
        std::any_of(made.fillers_.begin(), made.fillers_.end(), [&](const filler& f) { return f.name == field.name; });
    if (twice) return failure{errc::usage, "the default of " + quoted(field.name) + " is given twice: give it once"};
    made.fillers_.push_back(make_filler(field));
  }
  return made;
}

item judge::operator()(draft&& d) {
  auto problems = std::move(d.problems);
  const auto seen = d.body.empty() ? std::nullopt : walker_.walk(d.body, d.line, problems);
  if (!seen) return bad_entry{std::move(problems), text_of(std::move(d))};

  const auto fields = fields_of(*seen);
  check_fields(fields, d.line, problems);
  entry e;
  e.line = d.line;
  e.content = hasher_.of_entry(seen->canonical);
  e.key = key_field_ ? key_by_field(*seen, d.line, problems) : e.content;
  if (!problems.empty()) return bad_entry{std::move(problems), text_of(std::move(d))};

  for (const auto field : {known_field::input_url, known_field::output_url})
    note_signature(fields[field]->text, e);
  e.job_type = fields[known_field::job_type]->text;
  e.own_size = d.body.size() - 1;
  splice_defaults(d.body, *seen);
  e.body = std::move(d.body);
  return e;
}

job_fields judge::fields_of(const walked& seen) const {
  job_fields fields;
  for (std::size_t i = 0; i < known_fields.size(); ++i) {
    if (const auto* own = seen.find(known_fields[i])) {
      fields[i] = own->val;
      continue;
    }
    for (const auto& f : fillers_)
      if (f.name == known_fields[i]) fields[i] = value{f.type, f.text};
  }
  return fields;
}

job_key judge::key_by_field(const walked& seen, std::uint64_t line, std::vector<problem>& problems) {
  const auto* m = seen.find(*key_field_);
  const bool usable = m && m->val.type != kind::null && !(m->val.type == kind::string && m->val.text.empty());
  if (usable) return hasher_.of_field(seen.canonical_value(*m));
  report(problems, line, *key_field_, "the key field " + quoted(*key_field_) + " is missing, null or empty");
  return {};
}

void judge::splice_defaults(std::string& body, const walked& seen) const {
  std::string more; // for `seen` looks into the body
  for (const auto& f : fillers_) {
    if (seen.find(f.name)) continue;
    if (!more.empty() || !seen.members.empty()) more += ',';
    more += f.member;
  }
  if (!more.empty()) body.insert(body.size() - 1, more);
}

} // namespace mcbatch::manifest
