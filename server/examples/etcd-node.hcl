# One of several nodes over etcd, which keeps both the data and the lock. The others differ in their addresses only.
storage "etcd" {
  endpoints = ["http://127.0.0.1:2379"]
  path      = "holdfast/"
  lock_ttl  = "10s" # how long a dead active keeps the others waiting
}

listener "tcp" {
  address         = "0.0.0.0:8200"
  cluster_address = "0.0.0.0:8201"
  tls_cert_file   = "/etc/holdfast/tls.crt"
  tls_key_file    = "/etc/holdfast/tls.key"
}

api_addr     = "https://node-1.example:8200"
cluster_addr = "https://node-1.example:8201"
cluster_name = "example"
