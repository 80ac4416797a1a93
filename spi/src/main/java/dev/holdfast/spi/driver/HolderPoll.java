package dev.holdfast.spi.driver;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A watch for stores that do not tell of changes: asks who holds the lock, again and again, in a thread of its own. */
public final class HolderPoll implements HALock.Watch {
    private final Supplier<Optional<Holder>> ask;
    private final Duration poll;
    private final Runnable news;
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * Begins to ask.
     *
     * @param ask as {@link HALock#holder()}
     * @param poll the pause between two questions
     * @param news told when the answer is another one than before
     */
    public HolderPoll(Supplier<Optional<Holder>> ask, Duration poll, Runnable news) {
        this.ask = ask;
        this.poll = poll;
        this.news = news;
        Thread thread = new Thread(this::run, "holdfast-holder-poll");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        boolean begun = false;
        Optional<Holder> known = Optional.empty();
        while (true) {
            try {
                Optional<Holder> now = ask.get();
                if ((!begun || !now.equals(known)) && closed.getCount() > 0) {
                    begun = true;
                    known = now;
                    Watches.tell(news);
                }
            } catch (BackendException.Closed e) {
                return;
            } catch (BackendException e) {
                // asked again
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
