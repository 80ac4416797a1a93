package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.tck.stores.EtcdStore;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many reads a cluster answers with one, two and three nodes, each in a process of its own over one etcd in a container:
 * {@code ./holdfast bench server [SECONDS [CLIENTS]]}. The clients spread over the nodes. All share the machine, so what
 * more nodes bring shows only where it has cores to spare.
 */
final class ReadThroughput {
    private static final Duration WARM_UP = Duration.ofSeconds(10);

    private ReadThroughput() {}

    public static void main(String[] arguments) throws Exception {
        Duration time = Duration.ofSeconds(arguments.length > 0 ? Long.parseLong(arguments[0]) : 10);
        int clients = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 48;
        System.out.printf(
                "Java %s, %d processors, %d s each%n",
                Runtime.version(), Runtime.getRuntime().availableProcessors(), time.toSeconds());
        try (EtcdStore etcd = EtcdStore.start()) {
            measure(etcd.endpoints(), time, clients);
        }
    }

    private static void measure(String endpoint, Duration time, int clients) throws Exception {
        Path directory = Files.createTempDirectory("holdfast-throughput-");
        String stores = """
                storage "etcd" {
                  endpoints = "%s"
                  path = "throughput/"
                }
                """.formatted(endpoint);
        List<ServerProcess> servers = new ArrayList<>();
        try {
            String token = "";
            String key = "";
            for (int nodes = 1; nodes <= 3; nodes++) {
                ServerProcess added =
                        new ServerProcess(directory, stores, "", ServerProcess.AS_INSTALLED).awaitListening();
                servers.add(added);
                if (nodes == 1) {
                    JsonNode made = added.client("")
                            .put("sys/init", "{\"secret_shares\":1,\"secret_threshold\":1}")
                            .json();
                    token = made.get("root_token").asText();
                    key = made.at("/keys/0").asText();
                }
                added.client("").put("sys/unseal", "{\"key\":\"" + key + "\"}");
                if (nodes == 1) {
                    Servers.await("it is active", () -> added.client("").isActive());
                    added.client(token).put("secret/read", "{\"value\":\"" + "x".repeat(256) + "\"}");
                }
                long unused = run(servers, token, clients, WARM_UP);
                long each = run(servers, token, clients, time);
                System.out.printf("%d nodes, %d clients: %,d reads per second%n", nodes, clients, each);
            }
        } finally {
            servers.forEach(ServerProcess::close);
        }
    }

    private static long run(List<ServerProcess> servers, String token, int clients, Duration time) throws Exception {
        LongAdder done = new LongAdder();
        long end = System.nanoTime() + time.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Client client = servers.get(i % servers.size()).client(token);
            Thread thread = new Thread(() -> read(client, end, done), "client");
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return done.sum() * 1_000_000_000L / time.toNanos();
    }

    private static void read(Client client, long end, LongAdder done) {
        while (System.nanoTime() - end < 0) {
            try {
                if (client.get("secret/read").status() == 200) {
                    done.increment();
                }
            } catch (UncheckedIOException e) {
                System.err.println(e);
            }
        }
    }
}
