# Sourced by bench/compare.sh and bench/scale.sh: the one server that all clients talk to, and how a client is measured.
#
#   start_server FOLDER        nginx over TLS on the loopback interface; sets $url, $ca and $body
#   stop_server
#   requests_served            how many requests it has counted
#   measure_client COMMAND...  runs a client; prints: JOBS SECONDS USER-SECONDS SYSTEM-SECONDS PEAK-KIB

server_core=1
client_core=0
token=mc_test_sandbox
server=

# nginx is unpacked, not installed: Debian's package would begin to serve port 80 of this machine.
find_nginx() {
  nginx=$(command -v nginx || echo /usr/sbin/nginx)
  [ ! -x "$nginx" ] || return 0
  nginx=$PWD/build/nginx/usr/sbin/nginx
  [ ! -x "$nginx" ] || return 0
  mkdir -p build/nginx
  (cd build/nginx && apt-get -o APT::Sandbox::User=root download -qq nginx && dpkg-deb -x nginx_*.deb .)
}

make_certificates() {
  local folder=$1
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=mcbatch bench CA" \
    -keyout "$folder/ca.key" -out "$folder/ca.pem" 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=127.0.0.1" \
    -keyout "$folder/server.key" -out "$folder/server.csr" 2>/dev/null
  openssl x509 -req -in "$folder/server.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial -days 30 \
    -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost") -out "$folder/server.pem" 2>/dev/null
}

free_port() {
  /usr/bin/python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])'
}

# One cipher suite for all, so that nobody gains by another choice. No answer is logged but those that are none of 2xx.
server_configuration() {
  local folder=$1 port=$2
  cat <<END
daemon off;
worker_processes 1;
pid $folder/nginx.pid;
error_log $folder/error.log;
events { worker_connections 4096; }
http {
  map \$status \$unexpected { ~^2 0; default 1; }
  access_log $folder/unexpected.log combined if=\$unexpected;
  client_body_temp_path $folder/nginx-body;
  proxy_temp_path $folder/nginx-proxy;
  fastcgi_temp_path $folder/nginx-fastcgi;
  uwsgi_temp_path $folder/nginx-uwsgi;
  scgi_temp_path $folder/nginx-scgi;
  client_body_buffer_size 16k;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  default_type application/json;
  server {
    listen 127.0.0.1:$port ssl;
    ssl_certificate $folder/server.pem;
    ssl_certificate_key $folder/server.key;
    ssl_protocols TLSv1.3;
    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    location = /api/v1/conversion_jobs {
      if (\$request_method != POST) { return 405 '{"error":"method_not_allowed"}'; }
      return 201 '{"id":"job_\$request_id","status":"pending","estimated_cost_micros":1234}';
    }
    location = /api/v1/me { return 200 '{"id":"acc_1","name":"bench"}'; }
    location = /api/v1/account { return 200 '{"id":"acc_1","name":"bench","credit_micros":1000000000}'; }
    location = /served { stub_status; }
  }
}
END
}

start_server() {
  local folder=$1 port
  [ "$(nproc)" -ge 2 ] || { echo "comparing needs two processors: one for the server, one for the client" >&2; exit 1; }
  find_nginx
  make_certificates "$folder"
  port=$(free_port)
  server_configuration "$folder" "$port" >"$folder/nginx.conf"
  taskset -c $server_core "$nginx" -e "$folder/error.log" -p "$folder" -c "$folder/nginx.conf" 2>"$folder/nginx.err" &
  server=$!
  url=https://127.0.0.1:$port/api/v1
  ca=$folder/ca.pem
  until requests_served >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || { cat "$folder/nginx.err" >&2; exit 1; }
    sleep 0.1
  done
}

stop_server() {
  [ -n "$server" ] || return 0
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}

requests_served() { curl -fsS --cacert "$ca" "${url%/api/v1}/served" | awk 'NR == 3 { print $3 }'; }

# The server counts the jobs, so that no client is taken at its word; one of its requests is the asking.
measure_client() {
  local before after out=$work/client
  before=$(requests_served)
  /usr/bin/time -q -o "$out.time" -f '%e %U %S %M' taskset -c $client_core "$@" >"$out.out" 2>"$out.err" || {
    echo "it failed with exit code $?: $*" >&2
    tail -n 20 "$out.out" "$out.err" >&2
    return 1
  }
  after=$(requests_served)
  echo "$((after - before - 1)) $(cat "$out.time")"
}

check_answers() {
  [ -s "$1/unexpected.log" ] || return 0
  echo "the server answered otherwise than by 2xx $(wc -l <"$1/unexpected.log") times, first here:" >&2
  head -n 3 "$1/unexpected.log" >&2
  exit 1
}
