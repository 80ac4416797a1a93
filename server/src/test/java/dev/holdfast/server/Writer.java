package dev.holdfast.server;

import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** A client that writes all the time, through one node after the other, follows redirects, and notes what was acknowledged. */
final class Writer implements AutoCloseable {
    private final List<String> addresses;
    private final String token;
    private final Map<Integer, Long> acknowledged = new ConcurrentSkipListMap<>();
    private final Thread thread;
    private volatile boolean closed;

    Writer(List<String> addresses, String token) {
        this.addresses = addresses;
        this.token = token;
        thread = new Thread(this::run, "writer");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        int next = 1;
        for (int turn = 0; !closed; turn++) {
            if (write(addresses.get(turn % addresses.size()), next)) {
                acknowledged.put(next++, System.nanoTime());
            } else {
                pause();
            }
        }
    }

    private boolean write(String address, int n) {
        String path = "/v1/secret/written/" + n;
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

    private static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** How many writes were acknowledged. */
    int count() {
        return acknowledged.size();
    }

    /** Waits until this many more have been acknowledged. */
    void awaitMore(int more) {
        int enough = count() + more;
        Servers.await(enough + " writes are acknowledged", () -> count() >= enough);
    }

    /** The longest time between two acknowledgements after this moment, in milliseconds. */
    long longestGapAfter(long nanos) {
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

    /** Stops; returns the last number that was acknowledged. */
    int stop() throws InterruptedException {
        closed = true;
        thread.join(40_000);
        return count();
    }

    @Override
    public void close() {
        closed = true;
    }
}
