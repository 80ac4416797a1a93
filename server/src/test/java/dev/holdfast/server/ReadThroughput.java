package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.tck.stores.EtcdStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;

/**
 * How many reads a cluster answers with one, two and three nodes, each in a process of its own over one etcd in a container:
 * {@code ./holdfast bench server [SECONDS [CLIENTS [PROCESSORS]]]}. The clients spread over the nodes. All share the machine,
 * so what more nodes bring shows only where it has processors to spare: on a large one, or where each node gets a part of a
 * processor only, as if that were its own machine.
 */
final class ReadThroughput {
    private static final Duration SLICE = Duration.ofSeconds(5);

    /** A minute and a half: before that there are times in which it gets no faster, while it compiles. */
    private static final int FEWEST_SLICES = 18;

    /** Two minutes: while processors are short, the compiler takes long. */
    private static final int MOST_SLICES = 24;

    /** It is warm when the best of so many slices is hardly better than the best before. */
    private static final int UNCHANGED = 3;

    private static final double HARDLY = 1.03;

    private final Duration time;
    private final int clients;

    /** Of each node; none where it is not bounded. */
    private final OptionalDouble processors;

    private ReadThroughput(Duration time, int clients, OptionalDouble processors) {
        this.time = time;
        this.clients = clients;
        this.processors = processors;
    }

    public static void main(String[] arguments) throws Exception {
        Duration time = Duration.ofSeconds(arguments.length > 0 ? Long.parseLong(arguments[0]) : 10);
        int clients = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 48;
        OptionalDouble processors =
                arguments.length > 2 ? OptionalDouble.of(Double.parseDouble(arguments[2])) : OptionalDouble.empty();
        System.out.printf(
                "Java %s, %d processors%s, %d s each%n",
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                processors.isPresent() ? ", of which each node may use " + processors.getAsDouble() : "",
                time.toSeconds());
        try (EtcdStore etcd = EtcdStore.start()) {
            new ReadThroughput(time, clients, processors).measure(etcd.endpoints());
        }
    }

    private void measure(String endpoint) throws Exception {
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
                warmUp(added, token);
                print(nodes, bounded(servers, token));
            }
        } finally {
            servers.forEach(ServerProcess::close);
        }
    }

    /** Reads until that gets no faster, from the new node alone, or it would be the last to be compiled and the least warm. */
    private void warmUp(ServerProcess added, String token) throws Exception {
        long best = 0;
        int unchanged = 0;
        for (int slice = 0; slice < MOST_SLICES && (unchanged < UNCHANGED || slice < FEWEST_SLICES); slice++) {
            long now = run(List.of(added), token, SLICE);
            System.err.printf("warming up: %,d reads per second%n", now);
            unchanged = now > best * HARDLY ? 0 : unchanged + 1;
            best = Math.max(best, now);
        }
    }

    private record Result(long each, double busy) {}

    private void print(int nodes, Result result) {
        System.out.printf(
                "%d nodes, %d clients: %,d reads per second, the machine %.0f %% busy%n",
                nodes, clients, result.each(), 100 * result.busy());
    }

    /** What compiling takes comes before the bounds. */
    private Result bounded(List<ServerProcess> servers, String token) throws Exception {
        List<CpuLimit> limits = new ArrayList<>();
        try {
            if (processors.isPresent()) {
                for (ServerProcess server : servers) {
                    limits.add(CpuLimit.of(server.pid(), processors.getAsDouble()));
                }
                long unused = run(servers, token, SLICE);
            }
            CpuTime began = CpuTime.now();
            long each = run(servers, token, time);
            return new Result(each, CpuTime.now().busySince(began));
        } finally {
            limits.forEach(CpuLimit::close);
        }
    }

    private long run(List<ServerProcess> servers, String token, Duration time) throws Exception {
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

    /** What the processors of the machine have done since it was started, in the kernel's ticks. */
    private record CpuTime(long idle, long all) {
        static CpuTime now() throws IOException {
            String first = Files.readAllLines(Path.of("/proc/stat")).get(0);
            long[] ticks = List.of(first.split(" +")).stream()
                    .skip(1)
                    .limit(8) // a guest's time is part of the user's
                    .mapToLong(Long::parseLong)
                    .toArray();
            return new CpuTime(ticks[3] + ticks[4], LongStream.of(ticks).sum());
        }

        double busySince(CpuTime before) {
            return 1 - (double) (idle - before.idle) / (all - before.all);
        }
    }
}
