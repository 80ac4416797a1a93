package dev.holdfast.server.forwarding;

import dev.holdfast.spi.driver.Deadline;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests that were not applied anywhere, while one active goes and another comes. One thread looks for all of them. */
final class Waiting implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Waiting.class);
    private static final int MOST = 1_000;
    private static final long PAUSE_MILLIS = 10;

    /** Where the lock's store tells who leads, that is known already; and asking takes time from who takes over. */
    private static final int TURNS_PER_LOOK = 3;

    private final Runnable look;
    private final LinkedBlockingQueue<Pending> pending = new LinkedBlockingQueue<>(MOST);
    private final Thread thread;

    /**
     * A request.
     *
     * @param until when it is given up
     * @param proceed sends it when there is somebody to send it to, and tells whether there is
     */
    private record Pending(Deadline until, BooleanSupplier proceed, Runnable giveUp) {}

    /** @param look asks the lock's store who leads now */
    Waiting(Runnable look) {
        this.look = look;
        thread = new Thread(this::run, "holdfast-server-waiting");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Has the request sent once there is an active; or gives it up, perhaps at once. */
    void add(Deadline until, BooleanSupplier proceed, Runnable giveUp) {
        if (until.passed() || !pending.offer(new Pending(until, proceed, giveUp))) {
            giveUp.run();
        }
    }

    private void run() {
        List<Pending> mine = new ArrayList<>();
        try {
            for (int turn = 0; true; turn++) {
                if (mine.isEmpty()) {
                    turn = 0;
                    mine.add(pending.take());
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
                pending.drainTo(mine);
                if (turn % TURNS_PER_LOOK == 0) {
                    safely(look);
                }
                settle(mine);
            }
        } catch (InterruptedException e) {
            pending.drainTo(mine);
            mine.forEach(one -> safely(one.giveUp));
        }
    }

    private static void settle(List<Pending> mine) {
        mine.removeIf(one -> {
            boolean[] done = {false};
            safely(() -> done[0] = one.proceed.getAsBoolean());
            if (!done[0] && one.until.passed()) {
                safely(one.giveUp);
                return true;
            }
            return done[0];
        });
    }

    private static void safely(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) { // or all others would wait for ever
            log.warn("a waiting request could not be settled", e);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
