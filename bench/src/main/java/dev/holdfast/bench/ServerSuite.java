package dev.holdfast.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.bench.Bench.Figure;
import dev.holdfast.bench.report.Goal;
import dev.holdfast.bench.report.Measure;
import dev.holdfast.bench.report.Side;
import dev.holdfast.bench.report.Unit;
import dev.holdfast.bench.stats.Bootstrap;
import dev.holdfast.bench.stores.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What it costs that a request comes to a standby of the reference server. */
final class ServerSuite {
    private static final String PATH = "secret/bench";
    private static final Set<Integer> SEALED = Set.of(501, 503);
    private static final Set<Integer> STANDS_BY = Set.of(473, 429);

    private final Bench bench;
    private final Target target;

    ServerSuite(Bench bench, Target target) {
        this.bench = bench;
        this.target = target;
    }

    void run() throws InterruptedException {
        bench.group("server/requests", this::requests);
    }

    private void requests() throws Exception {
        Path directory = Files.createTempDirectory("holdfast-bench-");
        String storage = """
                storage "%s" {
                  endpoints = "%s"
                  path = "bench-server/"
                }""".formatted(target.type(), target.options().get("endpoints"));
        try (ServerNode active = new ServerNode(directory, storage);
                ServerNode standby = new ServerNode(directory, storage);
                Hop hop = new Hop(directory)) {
            active.await(SEALED);
            standby.await(SEALED);
            JsonNode made = active.ask("PUT", "sys/init", "", "{\"secret_shares\":1,\"secret_threshold\":1}");
            String key = "{\"key\":\"" + made.at("/keys/0").asText() + "\"}";
            String token = made.at("/root_token").asText();
            var unused = active.ask("PUT", "sys/unseal", "", key);
            active.await(Set.of(200));
            var unusedToo = standby.ask("PUT", "sys/unseal", "", key);
            standby.await(STANDS_BY);
            measure(active, standby, hop, token);
        } finally {
            delete(directory);
        }
    }

    private void measure(ServerNode active, ServerNode standby, Hop hop, String token) throws Exception {
        String body = "{\"value\":\"" + "v".repeat(200) + "\"}";
        int rounds = bench.size(3_000, 200);
        var unused = active.ask("PUT", PATH, token, body); // or the first read might find nothing
        List<double[]> taken = new Turns(bench.random("server"))
                .take(
                        bench.size(10_000, 70), // it takes a server a minute and more until its code is compiled
                        rounds,
                        List.of(
                                Turns.timed(() -> active.ask("PUT", PATH, token, body)),
                                Turns.timed(() -> standby.ask("PUT", PATH, token, body)),
                                Turns.timed(() -> active.ask("GET", PATH, token, "")),
                                Turns.timed(() -> standby.ask("GET", PATH, token, "")),
                                Turns.timed(() -> hop.put(body))));
        double[] added = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            added[i] = taken.get(1)[i] - taken.get(0)[i];
        }
        Bootstrap bootstrap = new Bootstrap(bench.random("added"));
        bench.add(Measure.of(
                "server/forwarded-put/added",
                "forwarded put of 200 B",
                "added p50",
                Unit.NANOS,
                new Side("over a direct one", rounds, bootstrap.quantile(added, 0.5), List.of()),
                new Side(
                        "a request that is answered at once", rounds, bootstrap.quantile(taken.get(4), 0.5), List.of()),
                bootstrap.ratio(added, taken.get(4), 0.5),
                Goal.atMost(500e3, Unit.NANOS),
                "two servers on this machine, mutual TLS between them; the floor: Jetty's client and server alone, with"
                        + " the same"));
        bench.durations(
                "server/forwarded-put",
                "forwarded put of 200 B",
                "forwarded",
                taken.get(1),
                "direct",
                taken.get(0),
                List.of(Figure.p50(null), Figure.p99(null)),
                "");
        bench.durations(
                "server/standby-read",
                "read at a standby",
                "standby",
                taken.get(3),
                "active",
                taken.get(2),
                List.of(Figure.p50(null), Figure.p99(null)),
                "answered there, from the store");
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
