package dev.holdfast.spi.driver;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A watch for stores that do not tell of changes: asks who holds the lock, again and again, in a thread of its own. */
public final class HolderPoll implements HALock.Watch {
    private final Supplier<?> ask;
    private final Duration poll;
    private final Runnable news;
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * Begins to ask.
     *
     * @param ask gives something else after each change of the holder, as {@link LockHandle.Recipe#state}
     * @param poll the pause between two questions
     * @param news told when the answer is another one than before
     */
    public HolderPoll(Supplier<?> ask, Duration poll, Runnable news) {
        this.ask = ask;
        this.poll = poll;
        this.news = news;
        Thread thread = new Thread(this::run, "holdfast-holder-poll");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        @Nullable Object known = null;
        boolean broken = false;
        while (true) {
            try {
                Object now = ask.get();
                broken = false;
                if (!now.equals(known) && closed.getCount() > 0) {
                    known = now;
                    Watches.tell(news);
                }
            } catch (BackendException.Closed e) {
                return;
            } catch (BackendException e) {
                broken = false; // asked again
            } catch (RuntimeException | Error e) {
                if (!broken) { // a fault of the driver's, which is shown once; who waits for news waits on
                    Thread self = Thread.currentThread();
                    self.getUncaughtExceptionHandler().uncaughtException(self, e);
                }
                broken = true;
            }
            try {
                if (closed.await(poll.toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                return; // nobody does that but the listener itself
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
