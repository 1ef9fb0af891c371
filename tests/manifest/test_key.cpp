#define BOOST_TEST_DYN_LINK
#include "manifest/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <set>

namespace mcbatch::manifest::test {
namespace {

std::string key_of(const std::string& text, const options& opts = {}) {
  return to_hex(read_one(text, opts).key);
}

std::string with_input(const std::string& url) {
  return R"({"output_url":"s3://o/a","job_type":"v","input_format":"m","output_format":"w","input_url":")" + url +
         "\"}";
}

/// A JSON value, for writing it in many ways.
struct tree {
  enum { number, text, list, object } type = number;
  std::string word; ///< of a number or a string of ASCII letters and a few others
  std::vector<std::pair<std::string, tree>> children;
};

class tree_maker {
public:
  explicit tree_maker(unsigned seed) : random_(seed) {}

  tree make(int depth) {
    tree t;
    const auto type = pick(depth > 0 ? 4 : 2);
    t.type = type == 0 ? tree::number : type == 1 ? tree::text : type == 2 ? tree::list : tree::object;
    if (type == 0) t.word = std::to_string(pick(1000)) + (pick(2) ? "" : ".50e3");
    if (type == 1) t.word = word();
    std::set<std::string> names;
    for (auto n = type > 1 ? pick(4) : 0; n > 0; --n)
      if (auto name = word(); names.insert(name).second) t.children.emplace_back(name, make(depth - 1));
    return t;
  }

  std::string write(const tree& t) {
    if (t.type == tree::number) return space() + t.word + space();
    if (t.type == tree::text) return space() + text(t.word) + space();
    auto children = t.children;
    if (t.type == tree::object) std::shuffle(children.begin(), children.end(), random_);
    std::string out;
    for (const auto& [name, child] : children)
      out += (out.empty() ? "" : ",") + (t.type == tree::object ? space() + text(name) + space() + ':' : "") +
             write(child);
    if (out.empty()) out = space();
    return space() + (t.type == tree::object ? '{' + out + '}' : '[' + out + ']') + space();
  }

  /// Changes one number or string somewhere; false where there is none.
  bool change(tree& t) {
    if (t.type == tree::number || t.type == tree::text) {
      t.word += '1';
      return true;
    }
    return std::any_of(t.children.begin(), t.children.end(), [&](auto& c) { return change(c.second); });
  }

private:
  unsigned pick(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }

  std::string space() { return std::string(pick(3), pick(2) ? ' ' : '\t'); }

  std::string word() {
    std::string w;
    for (auto n = pick(6); n > 0; --n)
      w += "abAB/\"\\\n"[pick(8)];
    return w;
  }

  std::string text(const std::string& word) {
    std::string out = "\"";
    for (const char c : word) {
      constexpr std::string_view hex = "0123456789abcdef";
      const bool must = c == '"' || c == '\\' || c == '\n';
      if (must || pick(3) == 0)
        out += std::string("\\u00") + hex[static_cast<unsigned char>(c) >> 4] + hex[static_cast<unsigned char>(c) & 15];
      else
        out += c;
    }
    return out + '"';
  }

  std::mt19937 random_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(keys)

// Written by another program from the encoding as it is documented: should one change, ledgers would lose their jobs.
BOOST_AUTO_TEST_CASE(golden) {
  BOOST_TEST(key_of(job()) == "882bcd9275c3bd96b38d071587c8ed0b");
  BOOST_TEST(
      key_of(job(R"(,"input_size_bytes":1048576,"options":{"b":[1.50,true,false,null,"\u00e9\u0000"],"a":{}})")) ==
      "f93cdfe544534b92d807dee0fe4c12f7");
  BOOST_TEST(key_of(job(R"(,"id":"job-7")"), {.key_field = "id"}) == "9f12a03ff75da4661a552576deb4d11d");
  BOOST_TEST(key_of(R"({"output_url":"s3://out/a.webm","job_type":"video","input_format":"mp4","output_format":"webm",)"
                    R"("input_url":"https://b.s3.amazonaws.com/a?X-Amz-Expires=9&versionId=3&X-Amz-Signature=f"})") ==
             "9e6f51625acabb1715df68e7b24e1934");
}

BOOST_AUTO_TEST_CASE(what_means_the_same_has_the_same_key_and_nothing_else_has) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    tree_maker maker(seed);
    const auto t = maker.make(4);
    const auto key = key_of(job(",\"x\":" + maker.write(t)));
    for (int again = 0; again < 3; ++again)
      BOOST_TEST(key_of(job(",\"x\":" + maker.write(t))) == key, "seed " << seed);
    auto other = t;
    if (maker.change(other)) BOOST_TEST(key_of(job(",\"x\":" + maker.write(other))) != key, "seed " << seed);
  }
}

BOOST_AUTO_TEST_CASE(values_that_look_alike_are_told_apart) {
  const std::string_view values[] = {"1",
                                     "1.0",
                                     "\"1\"",
                                     "10e-1",
                                     "true",
                                     "\"true\"",
                                     "null",
                                     "false",
                                     "[]",
                                     "{}",
                                     "[[]]",
                                     "[1]",
                                     "[1,1]",
                                     "[\"1\"]",
                                     "\"\"",
                                     "[[],1]",
                                     "[[1]]",
                                     "{\"a\":1}",
                                     "[\"a\",1]",
                                     "{\"a\":[1]}",
                                     "\"a\"",
                                     "-0",
                                     "0",
                                     "{\"a\":{\"b\":1}}",
                                     "{\"a\":{},\"b\":1}"};
  std::set<std::string> keys;
  for (const auto v : values)
    BOOST_TEST(keys.insert(key_of(job(",\"x\":" + std::string(v)))).second, v);
}

BOOST_AUTO_TEST_CASE(defaults_are_no_part_of_it) {
  BOOST_TEST(key_of(job(), {.defaults = {{"x", "1"}}}) == key_of(job()));
  BOOST_TEST(key_of(job(",\"x\":1")) != key_of(job()));
}

BOOST_AUTO_TEST_CASE(signing_again_keeps_the_key) {
  const struct {
    std::string first;
    std::string again;
  } same[] = {
      {"https://b.s3.amazonaws.com/"
       "k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F1&X-Amz-Date=20240115T103000Z"
       "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=aa",
       "https://b.s3.amazonaws.com/k?x-amz-signature=bb&X-Amz-Security-Token=T&X-Amz-Date=20250115T103000Z"},
      {"https://h/k?v=1&X-Amz-Signature=aa&w=2", "https://h/k?v=1&w=2&X-Amz-Signature=bb"},
      {"https://h/k?v=1&X%2DAmz%2dSignature=aa&X%2DAmz-Date=1", "https://h/k?v=1&X-Amz-Date=2&X-Amz-Signature=bb"},
      {"https://h/k?AWSAccessKeyId=A&Expires=1&Signature=a", "https://h/k?Signature=b&AWSAccessKeyId=B&Expires=2"},
      {"https://h/k?X-Goog-Signature=a&X-Goog-Date=1&g=1", "https://h/k?X-Goog-Signature=b&X-Goog-Expires=1&g=1"},
      {"https://h/k?GoogleAccessId=A&Expires=1&Signature=a", "https://h/k?GoogleAccessId=A&Expires=2&Signature=b"},
      {"https://a.blob.core.windows.net/c/b?sv=2020&se=2024-01-15&sr=b&sp=r&sig=a",
       "https://a.blob.core.windows.net/c/b?sp=rw&sv=2022&st=2024-01-15&se=2025-01-15&spr=https&sip=1&skoid=o&sktid=t"
       "&skt=1&ske=2&sks=b&skv=2022&sr=b&sig=b"},
      {"https://d.cloudfront.net/k?Expires=1&Signature=a&Key-Pair-Id=K",
       "https://d.cloudfront.net/k?Policy=p&Signature=b&Key-Pair-Id=L"},
      {"HTTPS://h/k?X-Amz-Signature=aa#f", "HTTPS://h/k#f"},
  };
  for (const auto& t : same)
    BOOST_TEST(key_of(with_input(t.first)) == key_of(with_input(t.again)), t.first);
}

BOOST_AUTO_TEST_CASE(what_no_signature_owns_is_part_of_the_key) {
  const struct {
    std::string one;
    std::string other;
  } different[] = {
      {"https://h/k?versionId=1&X-Amz-Signature=a", "https://h/k?versionId=2&X-Amz-Signature=a"},
      {"https://h/k?a=1&b=2&X-Amz-Signature=a", "https://h/k?b=2&a=1&X-Amz-Signature=a"},
      {"https://h/k?X-Amz-Date=1", "https://h/k?X-Amz-Date=2"},
      {"https://h/k?Expires=1", "https://h/k?Expires=2"},
      {"https://h/k?Expires=1&Signature=a", "https://h/k?Expires=2&Signature=a"},
      {"https://h/k?se=1&sp=r", "https://h/k?se=2&sp=r"},
      {"https://h/k?sv=1&X-Amz-Signature=a", "https://h/k?sv=2&X-Amz-Signature=a"},
      {"https://h/k?expires=1&AWSAccessKeyId=A&Signature=a", "https://h/k?expires=2&AWSAccessKeyId=A&Signature=a"},
      {"https://h/j?X-Amz-Signature=a", "https://h/k?X-Amz-Signature=a"},
      {"https://h/k", "https://h/k?"},
      {"https://h/k#?X-Amz-Signature=a", "https://h/k#?X-Amz-Signature=b"},
      {"s3://b/k?X-Amz-Signature=a", "s3://b/k?X-Amz-Signature=b"},
  };
  for (const auto& t : different)
    BOOST_TEST(key_of(with_input(t.one)) != key_of(with_input(t.other)), t.one);
}

BOOST_AUTO_TEST_CASE(only_urls_of_the_entrys_own_members_are_presigned) {
  const std::string one = "\"https://h/k?X-Amz-Signature=a\"";
  const std::string other = "\"https://h/k?X-Amz-Signature=b\"";
  BOOST_TEST(key_of(job(",\"webhook_url\":" + one)) == key_of(job(",\"webhook_url\":" + other)));
  BOOST_TEST(key_of(job(",\"note\":" + one)) != key_of(job(",\"note\":" + other)));
  BOOST_TEST(key_of(job(",\"x\":{\"a_url\":" + one + "}")) != key_of(job(",\"x\":{\"a_url\":" + other + "}")));
}

BOOST_AUTO_TEST_CASE(a_key_field_identifies_in_place_of_the_entry) {
  const options by_id{.key_field = "id"};
  const auto one = read_one(job(R"(,"id":{"a":1,"b":2})"), by_id);
  const auto same = read_one(job(R"(,"n":1,"\u0069d":{ "b":2, "a":1 })"), by_id);
  const auto other = read_one(job(R"(,"id":{"a":1,"b":3})"), by_id);
  BOOST_TEST((one.key == same.key));
  BOOST_TEST((one.content != same.content));
  BOOST_TEST((one.key != other.key));
  BOOST_TEST((one.key != one.content));
  BOOST_TEST((read_one(job()).key == read_one(job()).content));
  BOOST_TEST(key_of(job(R"(,"id":7)"), by_id) != key_of(job(R"(,"id":"7")"), by_id));
  const auto by_url = options{.key_field = "input_url"};
  BOOST_TEST(key_of(with_input("https://h/k?X-Amz-Signature=a"), by_url) ==
             key_of(with_input("https://h/k?X-Amz-Signature=b"), by_url));
}

BOOST_AUTO_TEST_CASE(an_entry_without_its_key_field_is_bad) {
  const options opts{.key_field = "id", .defaults = {{"id", "\"x\""}}};
  for (const std::string more : {"", R"(,"id":null)", R"(,"id":"")"})
    BOOST_TEST(read_all(job(more), opts).outline() == "1 bad id");
  for (const std::string more : {R"(,"id":0)", R"(,"id":false)", R"(,"id":[])"})
    BOOST_TEST(read_all(job(more), opts).outline() == "1 ok");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::manifest::test
