package dev.holdfast.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.server.barrier.SealConfig;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Node;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code sys/health}: one status code for load balancers, which may choose their own. */
final class HealthApi {
    private final Node node;
    private final String clusterName;
    private final boolean standbyReads;

    /** @param standbyReads whether a standby serves reads */
    HealthApi(Node node, String clusterName, boolean standbyReads) {
        this.node = node;
        this.clusterName = clusterName;
        this.standbyReads = standbyReads;
    }

    /** What a node is, with the code for it and the query parameter that changes that. */
    private enum Health {
        ACTIVE(200, "activecode"),
        STANDBY(429, "standbycode"),
        PERFORMANCE_STANDBY(473, "performancestandbycode"),
        LOST_ITS_ACTIVE(474, "haunhealthycode"),
        LOST_ITS_STORE(474, "haunhealthycode"),
        NOT_INITIALIZED(501, "uninitcode"),
        SEALED(503, "sealedcode");

        final int code;
        final String parameter;

        Health(int code, String parameter) {
            this.code = code;
            this.parameter = parameter;
        }
    }

    Answer health(Call call) {
        call.only(Verb.READ);
        Optional<SealConfig> config = node.seal().config();
        Optional<ClusterNode> cluster = node.cluster();
        Health health = health(config.isPresent(), cluster.orElse(null));
        boolean standby = cluster.isPresent() && cluster.get().active().isEmpty();
        ObjectNode body = JsonText.object();
        body.put("initialized", config.isPresent());
        body.put("sealed", cluster.isEmpty());
        body.put("standby", cluster.isEmpty() || standby);
        body.put("performance_standby", standby && standbyReads);
        body.put("replication_performance_mode", cluster.isEmpty() ? "unknown" : "disabled");
        body.put("replication_dr_mode", cluster.isEmpty() ? "unknown" : "disabled");
        body.put("server_time_utc", Instant.now().getEpochSecond());
        body.put("version", node.identity().version());
        body.put("state", node.readiness().stage().toString());
        node.refusal().ifPresent(why -> body.put("upgrade_refused", why));
        body.put("enterprise", false);
        if (cluster.isPresent() && config.isPresent()) {
            body.put("cluster_name", clusterName);
            body.put("cluster_id", config.get().clusterId());
        }
        if (standby) {
            body.put("ha_connection_healthy", health != Health.LOST_ITS_ACTIVE);
            cluster.get().refusalOfActive().ifPresent(why -> body.put("ha_connection_refused", why));
            cluster.get()
                    .peers()
                    .heartbeat()
                    .ifPresent(beat -> body.put("last_request_forwarding_heartbeat_ms", beat.ageMillis())
                            .put("clock_skew_ms", beat.clockSkewMillis())
                            .put("echo_duration_ms", beat.roundTripMillis()));
        }
        return Answer.json(code(call, health), body);
    }

    private Health health(boolean initialized, @Nullable ClusterNode cluster) {
        if (!initialized) {
            return Health.NOT_INITIALIZED;
        }
        if (cluster == null) {
            return Health.SEALED;
        }
        if (cluster.active().isPresent()) {
            return Health.ACTIVE;
        }
        if (!cluster.reachesActive()) {
            return Health.LOST_ITS_ACTIVE;
        }
        if (!cluster.reachesStorage()) {
            return Health.LOST_ITS_STORE;
        }
        return standbyReads ? Health.PERFORMANCE_STANDBY : Health.STANDBY;
    }

    private static int code(Call call, Health health) {
        boolean fine = (health == Health.STANDBY && call.flag("standbyok"))
                || (health == Health.PERFORMANCE_STANDBY && (call.flag("perfstandbyok") || call.flag("standbyok")));
        Health meant = fine ? Health.ACTIVE : health;
        String wanted = call.query(meant.parameter);
        if (wanted == null || wanted.isEmpty()) {
            return meant.code;
        }
        if (!wanted.matches("[2-5]\\d\\d")) {
            throw Refusal.badRequest(
                    "bad value for " + meant.parameter + ": a status code from 200 to 599 is expected");
        }
        return Integer.parseInt(wanted);
    }
}
