bind = "unix:@sockets@/web.sock"
chdir = "@root@/sites"
worker_class = "gthread"
workers = int("@web_workers@")
threads = 8
preload_app = True
max_requests = 5000
max_requests_jitter = 500
timeout = 120
graceful_timeout = 25
# The socket is nginx's alone, which writes these headers itself.
forwarded_allow_ips = "*"
