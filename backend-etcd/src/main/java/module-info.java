/** Storage and leader locks in etcd. Nothing is exported: the provider is found by its service. */
module dev.holdfast.backend.etcd {
    requires static org.jspecify;
    requires dev.holdfast.spi;
    requires com.google.protobuf;
    requires io.grpc;
    requires io.grpc.netty;
    requires io.grpc.stub;
    requires io.netty.handler;
    requires io.netty.transport;
    requires jetcd.grpc;

    // What gRPC needs and, being an automatic module, cannot say itself.
    requires com.google.common;
    requires io.netty.codec.http2;
    requires io.netty.transport.unix.common;

    provides dev.holdfast.spi.BackendProvider with
            dev.holdfast.backend.etcd.EtcdProvider;
}
