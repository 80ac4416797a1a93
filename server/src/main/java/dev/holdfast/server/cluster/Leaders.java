package dev.holdfast.server.cluster;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is active and what it advertises, as a standby sees it. Safe for use by any number of threads. */
final class Leaders {
    private static final Logger log = LoggerFactory.getLogger(Leaders.class);
    private static final Duration UNREAD = Duration.ofMillis(200);

    /** One that leads is about to advertise; all who wait for that ask once meanwhile. */
    private static final Duration ABSENT = Duration.ofMillis(8);

    private final Backend storage;
    private final HALock lock;
    private final String self;
    private final Supplier<Optional<Holder>> polled;
    private final Supplier<Optional<Advertisement>> own;
    private final ReentrantLock asking = new ReentrantLock();
    private final ReentrantLock reading = new ReentrantLock();
    private final AtomicReference<@Nullable Holder> complainedOf = new AtomicReference<>();
    private volatile @Nullable Advertisement known;
    private volatile @Nullable Unread unread;
    private volatile Answer answer = new Answer(System.nanoTime(), Optional.empty(), false);

    /** Storage did not answer, or had nothing: who asks right after is not to wait as long again. */
    private record Unread(Holder holder, long nanos, Duration recent) {
        Unread(Holder holder, Duration recent) {
            this(holder, System.nanoTime(), recent);
        }

        boolean isRecent(Holder asked) {
            return holder.equals(asked) && System.nanoTime() - nanos < recent.toNanos();
        }
    }

    private record Answer(long askedAt, Optional<Holder> holder, boolean reached) {}

    /**
     * @param storage encrypted
     * @param lock for asking who holds it
     * @param self the value of the lock while this node holds it
     * @param polled what the node's own watch knows
     * @param own what this node advertised last, which it needs no storage to know
     */
    Leaders(
            Backend storage,
            HALock lock,
            String self,
            Supplier<Optional<Holder>> polled,
            Supplier<Optional<Advertisement>> own) {
        this.storage = storage;
        this.lock = lock;
        this.self = self;
        this.polled = polled;
        this.own = own;
    }

    /** Of the leader that was seen last, by the watch or by {@link #look}. */
    Optional<Advertisement> current() {
        Optional<Holder> holder = latest(polled.get(), answer.holder);
        return holder.isEmpty() ? Optional.empty() : advertisementOf(holder.get());
    }

    /** A higher token is the later one; who released the lock is seen by {@link #look} only. */
    private static Optional<Holder> latest(Optional<Holder> a, Optional<Holder> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.isEmpty() ? b : a;
        }
        return a.get().token() >= b.get().token() ? a : b;
    }

    /** Asks the lock's store now; those who ask at the same time share one answer. */
    Optional<Advertisement> look() {
        Answer now = askedNow();
        return now.reached ? now.holder.flatMap(this::advertisementOf) : current();
    }

    /** As {@link #look}, but empty when the store does not answer. */
    Optional<Advertisement> confirmed() {
        Answer now = askedNow();
        return now.reached ? now.holder.flatMap(this::advertisementOf) : Optional.empty();
    }

    private Answer askedNow() {
        long began = System.nanoTime();
        asking.lock();
        try {
            if (answer.askedAt - began <= 0) {
                answer = ask();
            }
            return answer;
        } finally {
            asking.unlock();
        }
    }

    private Answer ask() {
        long asked = System.nanoTime();
        try {
            return new Answer(asked, lock.holder(), true);
        } catch (BackendException e) {
            log.debug("who is active could not be asked: {}", e.getMessage());
            return new Answer(asked, answer.holder, false);
        }
    }

    private Optional<Advertisement> advertisementOf(Holder holder) {
        Advertisement last = known;
        if (last != null && isOf(last, holder)) {
            return Optional.of(last);
        }
        Optional<Advertisement> advertised = own.get().filter(found -> isOf(found, holder));
        if (advertised.isPresent() || holder.value().equals(self)) {
            return advertised; // and while this node takes over, nobody but itself will have it
        }
        Unread before = unread;
        if ((before != null && before.isRecent(holder)) || !reading.tryLock()) {
            return Optional.empty(); // nor is who asks meanwhile to take time from who takes over
        }
        try {
            Optional<Entry> entry = storage.get(Advertisement.key(holder.value()));
            Optional<Advertisement> read = entry.map(Advertisement::parse).filter(found -> isOf(found, holder));
            read.ifPresentOrElse(found -> known = found, () -> unread = new Unread(holder, ABSENT));
            return read;
        } catch (BackendException.Corrupt | IllegalArgumentException e) {
            complain(holder, e);
            return Optional.empty();
        } catch (BackendException e) {
            log.debug("the active's advertisement cannot be read: {}", e.getMessage());
            unread = new Unread(holder, UNREAD);
            return Optional.empty();
        } finally {
            reading.unlock();
        }
    }

    /** Once for each leader: it is read again for every request. */
    private void complain(Holder holder, RuntimeException problem) {
        if (!holder.equals(complainedOf.getAndSet(holder))) {
            log.warn("what the active advertises is of no use here, so it gets no requests: {}", problem.getMessage());
        }
    }

    private static boolean isOf(Advertisement advertisement, Holder holder) {
        return advertisement.token() == holder.token() && advertisement.node().equals(holder.value());
    }
}
