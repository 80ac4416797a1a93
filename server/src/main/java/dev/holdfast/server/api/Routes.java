package dev.holdfast.server.api;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which path is answered by what, and where. */
final class Routes {
    /** Answered by each node itself, also a sealed one. */
    @FunctionalInterface
    interface Local {
        Answer handle(Call call) throws InterruptedException;
    }

    /** Answered on an unsealed node. */
    @FunctionalInterface
    interface Served {
        Answer handle(Call call, Session session);
    }

    /**
     * An answer and where it may be given.
     *
     * @param onStandby whether a standby may answer calls that only read, from storage
     */
    record Route(Served served, boolean onStandby) {}

    private final Map<String, Local> local = new LinkedHashMap<>();
    private final Map<String, Route> exact = new LinkedHashMap<>();
    private final Map<String, Route> below = new LinkedHashMap<>();

    Routes(SealApi seal, HealthApi health, LeaderApi leader, MetricsApi metrics) {
        local.put("sys/init", seal::init);
        local.put("sys/unseal", seal::unseal);
        local.put("sys/seal", seal::seal);
        local.put("sys/seal-status", seal::status);
        local.put("sys/health", health::health);
        local.put("sys/leader", leader::leader);
        local.put("sys/metrics", metrics::metrics);
        exact.put("auth/token/lookup-self", new Route(TokenApi::lookupSelf, true));
        exact.put("sys/ha-status", new Route(leader::haStatus, false));
        exact.put("sys/step-down", new Route(leader::stepDown, false));
        exact.put("sys/rotate", new Route(KeyApi::rotate, false));
        exact.put("sys/key-status", new Route(KeyApi::status, false));
        exact.put("sys/mounts", new Route(MountApi::mounts, true));
        exact.put("sys/internal/ui/mounts", new Route(MountApi::internal, true));
        below.put("sys/internal/ui/mounts/", new Route(MountApi::internal, true));
        below.put("sys/mounts/", new Route(MountApi::mount, true));
        below.put(Kv.MOUNT, new Route(Kv::handle, true));
    }

    boolean isLocal(String path) {
        return local.containsKey(path);
    }

    @Nullable
    Local local(Call call) {
        return local.get(call.path());
    }

    @Nullable
    Route served(Call call) {
        Route found = exact.get(call.path());
        if (found != null) {
            return found;
        }
        return below.entrySet().stream()
                .filter(entry -> call.path().startsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }
}
