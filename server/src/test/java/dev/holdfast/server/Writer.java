package dev.holdfast.server;

import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;

/**
 * Clients that write all the time, one through each node. They follow redirects, make a write again until it is
 * acknowledged, and note when it was.
 */
final class Writer implements AutoCloseable {
    private final String token;
    private final List<One> clients = new ArrayList<>();
    private volatile boolean closed;

    Writer(List<String> addresses, String token) {
        this.token = token;
        for (int i = 0; i < addresses.size(); i++) {
            clients.add(new One(i, addresses.get(i)));
        }
        clients.forEach(one -> one.thread.start());
    }

    private final class One {
        private final int number;
        private final String address;
        private final Map<Integer, Long> acknowledged = new ConcurrentSkipListMap<>();
        private final Thread thread = new Thread(this::run, "writer");

        One(int number, String address) {
            this.number = number;
            this.address = address;
            thread.setDaemon(true);
        }

        private void run() {
            int next = 1;
            while (!closed) {
                if (write(next)) {
                    acknowledged.put(next++, System.nanoTime());
                }
                pause();
            }
        }

        private boolean write(int n) {
            String path = "/v1/secret/written/" + number + "-" + n;
            String to = address;
            for (int hops = 0; hops < 3; hops++) {
                try {
                    Client.Reply reply = new Client(to, token).send("PUT", path, "{\"n\":" + n + "}");
                    if (reply.status() != 307) {
                        return reply.status() == 204;
                    }
                    URI location = URI.create(reply.header("location"));
                    to = location.getScheme() + "://" + location.getAuthority();
                } catch (UncheckedIOException e) {
                    return false;
                }
            }
            return false;
        }

        private long longestGapAfter(long nanos) {
            long last = nanos;
            long longest = 0;
            for (long at : new TreeMap<>(acknowledged).values()) {
                if (at > nanos) {
                    longest = Math.max(longest, at - last);
                    last = at;
                }
            }
            return longest / 1_000_000;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until so many more have been acknowledged to each of these clients, by the node that they write through. */
    void awaitMore(int more, Predicate<String> whose) {
        for (One one : clients) {
            int enough = one.acknowledged.size() + more;
            if (whose.test(one.address)) {
                Servers.await(
                        enough + " writes through " + one.address + " are acknowledged, of which there are "
                                + one.acknowledged.size(),
                        () -> one.acknowledged.size() >= enough);
            }
        }
    }

    /** The longest time that one of these clients had no acknowledgement after this moment, in milliseconds. */
    long longestGapAfter(long nanos, Predicate<String> whose) {
        return clients.stream()
                .filter(one -> whose.test(one.address))
                .mapToLong(one -> one.longestGapAfter(nanos))
                .max()
                .orElseThrow();
    }

    /** Stops; returns the names of all that was acknowledged, below {@code secret/written/}. */
    List<String> stop() throws InterruptedException {
        closed = true;
        List<String> names = new ArrayList<>();
        for (One one : clients) {
            one.thread.join(40_000);
            one.acknowledged.keySet().forEach(n -> names.add(one.number + "-" + n));
        }
        return names;
    }

    @Override
    public void close() {
        closed = true;
    }
}
