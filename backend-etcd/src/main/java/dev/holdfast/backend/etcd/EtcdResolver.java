package dev.holdfast.backend.etcd;

import dev.holdfast.spi.config.Endpoint;
import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All endpoints behind one channel. gRPC's own resolver knows one host only, and jetcd's looks names up on the
 * connection's thread, where a slow name server would hold up the renewal of leases.
 */
final class EtcdResolver extends NameResolver {
    private final List<Endpoint> endpoints;
    private final Args args;
    private @Nullable Listener2 listener;

    private EtcdResolver(List<Endpoint> endpoints, Args args) {
        this.endpoints = endpoints;
        this.args = args;
    }

    /** A factory for one channel. */
    static Factory of(List<Endpoint> endpoints) {
        return new Factory() {
            @Override
            public NameResolver newNameResolver(URI target, Args args) {
                return new EtcdResolver(endpoints, args);
            }

            @Override
            public String getDefaultScheme() {
                return "etcd";
            }
        };
    }

    @Override
    public String getServiceAuthority() {
        return authority(endpoints.get(0));
    }

    @Override
    public void start(Listener2 newListener) {
        listener = newListener;
        refresh();
    }

    @Override
    public void refresh() {
        Listener2 told = Objects.requireNonNull(listener, "started");
        Objects.requireNonNull(args.getOffloadExecutor()).execute(() -> {
            StatusOr<List<EquivalentAddressGroup>> found = resolve();
            args.getSynchronizationContext()
                    .execute(() -> told.onResult2(ResolutionResult.newBuilder()
                            .setAddressesOrError(found)
                            .build()));
        });
    }

    @Override
    public void shutdown() {}

    private StatusOr<List<EquivalentAddressGroup>> resolve() {
        List<EquivalentAddressGroup> groups = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            try {
                List<SocketAddress> addresses = new ArrayList<>();
                for (InetAddress address : InetAddress.getAllByName(endpoint.host())) {
                    addresses.add(new InetSocketAddress(address, endpoint.port()));
                }
                // Each certificate is checked against its own endpoint's name.
                groups.add(new EquivalentAddressGroup(
                        addresses,
                        Attributes.newBuilder()
                                .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, authority(endpoint))
                                .build()));
            } catch (UnknownHostException e) {
                unknown.add(endpoint.host());
            }
        }
        return groups.isEmpty()
                ? StatusOr.fromStatus(Status.UNAVAILABLE.withDescription("unknown host " + String.join(", ", unknown)))
                : StatusOr.fromValue(groups);
    }

    private static String authority(Endpoint endpoint) {
        return endpoint.host() + ":" + endpoint.port();
    }
}
