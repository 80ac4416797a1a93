package dev.holdfast.server.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bodies of requests. Anybody can begin a request and not go on with it, so those that are read before it is known whether
 * their sender may make it have no thread waiting for them, and all of them together take a part of the heap at most. Safe
 * for use by any number of threads.
 */
public final class Bodies {
    private static final Logger log = LoggerFactory.getLogger(Bodies.class);
    private static final Set<String> BODILESS = Set.of("GET", "HEAD", "LIST", "DELETE");
    private static final int UNIT = 1 << 10;
    private static final int PART_OF_HEAP = 8;

    private final Semaphore room;

    /** For one server, of whose heap they take an eighth at most. */
    public Bodies() {
        this(Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
    }

    /** @param bytes the most that is kept at any time */
    Bodies(long bytes) {
        room = new Semaphore((int) Math.min(Integer.MAX_VALUE, bytes / UNIT));
    }

    /**
     * The length of a body, negative when it is not known. Jetty knows none either where there is no body: in HTTP/1.1
     * nothing announces one then, and of what only reads or deletes no body means anything.
     */
    public static long length(Request request) {
        long announced = request.getLength();
        if (announced >= 0 || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
            return announced;
        }
        boolean bodiless = request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_2
                || BODILESS.contains(request.getMethod());
        return bodiless ? 0 : announced;
    }

    /**
     * Reads a body and keeps it until its request is answered. One of the two is called, once, in a thread that may block.
     *
     * @param longest how long it may be, in bytes
     * @param millis how long it may take to arrive
     * @param arrived gets all of it
     * @param failed told why it did not come, such as that it was too late or too long
     * @return false when there is no room for it at this moment: neither is called, and the body is still to be read
     */
    public boolean readAhead(
            Request request, int longest, long millis, Consumer<byte[]> arrived, Consumer<Throwable> failed) {
        int units = longest / UNIT + 1;
        if (!room.tryAcquire(units)) {
            return false;
        }
        Request.addCompletionListener(request, failure -> room.release(units));
        Scheduler.Task late = failLater(request, millis);
        Content.Source.asByteArrayAsync(request, longest, new Promise.Invocable<byte[]>() {
            @Override
            public void succeeded(byte[] body) {
                boolean unused = late.cancel();
                arrived.accept(body);
            }

            @Override
            public void failed(Throwable failure) {
                boolean unused = late.cancel();
                failed.accept(failure);
            }
        });
        return true;
    }

    /** Reads a body without a thread and keeps nothing of it; goes on when it has come, or does not come. */
    static void drop(Request request, long millis, Runnable then) {
        Scheduler.Task late = failLater(request, millis);
        Runnable ended = () -> {
            boolean unused = late.cancel();
            then.run();
        };
        Content.Source.consumeAll(request, Callback.from(ended, failure -> ended.run()));
    }

    /** Jetty's own bound is for silence, and a body may come byte by byte. */
    private static Scheduler.Task failLater(Request request, long millis) {
        return request.getComponents()
                .getScheduler()
                .schedule(
                        () -> request.fail(new TimeoutException("the request's body did not arrive in time")),
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    /**
     * Reads a body in this thread.
     *
     * @throws Refusal when it is longer, or does not arrive
     */
    static byte[] read(Request request, long longest) {
        try (InputStream in = Content.Source.asInputStream(request)) {
            byte[] body = in.readNBytes((int) Math.min(longest + 1, Integer.MAX_VALUE - 8));
            if (body.length > longest) {
                skip(in, longest);
                throw tooLarge(longest);
            }
            return body;
        } catch (IOException | UncheckedIOException e) {
            throw late();
        }
    }

    /** As much again: a client that is still sending when its connection is closed does not see the answer. */
    private static void skip(InputStream in, long longest) {
        try {
            byte[] buffer = new byte[8_192];
            long left = longest;
            for (int n = in.read(buffer); n >= 0 && left > 0; n = in.read(buffer)) {
                left -= n;
            }
        } catch (IOException | UncheckedIOException e) {
            log.debug("the rest of a body that nobody needs did not arrive", e);
        }
    }

    static Refusal tooLarge(long longest) {
        return new Refusal(413, "request body too large: the limit is " + longest + " bytes");
    }

    static Refusal late() {
        return new Refusal(408, "the request's body did not arrive in time");
    }
}
