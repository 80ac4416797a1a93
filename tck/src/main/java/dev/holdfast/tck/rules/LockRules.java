package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What handles, leases and locks are to each other while nothing fails. */
public final class LockRules {
    private static final Duration MOMENT = Duration.ofMillis(200);

    /** A handle has one lease, and one attempt, at a time. */
    @Verifies(value = Rule.HA_04, parallel = true)
    public void aHandleInUseIsRefusedAndUnharmed(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Contender holder = Contender.of(trial, history, "holder");
        Contender waiter = Contender.of(trial, history, "waiter");
        HALock handle = holder.handle(lock);
        Held held = holder.win(handle, lock, trial.requestTimeout());
        refuses(handle, "a handle that holds the lock");
        assertThat(held.isHeld())
                .as("the lease after its handle refused a second one: %s", held)
                .isTrue();
        assertThat(waiter.holder(lock))
                .as("holder() after the holder's handle refused a second lease")
                .contains(new Holder("holder", held.token()));

        HALock queued = waiter.handle(lock);
        Pending<Held> waiting = waiter.contend(queued, lock);
        waiting.awaitBlocked();
        refuses(queued, "a handle that is acquiring");
        held.release();
        Held next = waiting.get(trial.atOnce());
        assertThat(next.isHeld())
                .as("the lease of the attempt during which its handle was used again: %s", next)
                .isTrue();
        next.release();
    }

    private static void refuses(HALock handle, String state) {
        assertThat(Thrown.by(() -> handle.tryAcquire(Duration.ZERO)))
                .as("what tryAcquire(0) throws through " + state)
                .isInstanceOf(BackendException.InvalidRequest.class);
        assertThat(Thrown.by(handle::acquire))
                .as("what acquire throws through " + state)
                .isInstanceOf(BackendException.InvalidRequest.class);
    }

    /** Two handles are two contenders, whoever made them. */
    @Verifies(value = Rule.HA_04, parallel = true)
    public void aSecondHandleOfOneInstanceIsARival(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Contender client = Contender.of(trial, history, "client");
        Held first = client.win(lock);
        assertThat(client.tryWin(lock, Duration.ZERO))
                .as("a second handle in the instance and thread of the holder, asked once")
                .isEmpty();
        assertThat(client.tryWin(lock, MOMENT))
                .as("a second handle in the instance and thread of the holder, after %d ms", MOMENT.toMillis())
                .isEmpty();
        Pending<Held> waiting = client.contend(lock);
        waiting.awaitBlocked();
        first.release();
        Held second = waiting.get(trial.atOnce());
        first.release();
        first.lease().close();
        assertThat(second.isHeld())
                .as("the second handle's lease after the first one of the instance was released again: %s", second)
                .isTrue();
        assertThat(Contender.of(trial, history, "other").tryWin(lock, MOMENT))
                .as("an attempt of another client after the first lease was released again")
                .isEmpty();
        second.release();
    }

    /** Release is idempotent, a handle lasts, and each lease of it has a higher token. */
    @Verifies(value = Rule.HA_04, parallel = true)
    public void aHandleCanBeUsedAgainAfterItsRelease(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Contender contender = Contender.of(trial, history, "contender");
        Contender rival = Contender.of(trial, history, "rival");
        HALock handle = contender.handle(lock);
        long last = 0;
        for (int round = 0; round < 20; round++) {
            Held held = contender.win(handle, lock, trial.atOnce());
            assertThat(held.token())
                    .as("round %d: the token of a handle's new lease, compared with that of its last", round)
                    .isGreaterThan(last);
            last = held.token();
            assertThat(rival.tryWin(lock, Duration.ZERO))
                    .as("round %d: a rival's attempt while the handle holds the lock again", round)
                    .isEmpty();
            held.release();
            held.release();
            held.lease().close();
            assertThat(held.lease().isHeld())
                    .as("round %d: isHeld() after release()", round)
                    .isFalse();
            assertThat(held.lease().remaining())
                    .as("round %d: remaining() after release()", round)
                    .isZero();
        }
        Held theirs = rival.win(lock, trial.atOnce());
        assertThat(contender.tryWin(handle, lock, MOMENT))
                .as("an attempt of the handle while a rival holds the lock")
                .isEmpty();
        theirs.release();
        contender.win(handle, lock, trial.atOnce()).release();
    }

    /** Releasing again is too late to matter. */
    @Verifies(value = Rule.HA_05, parallel = true)
    public void aSecondReleaseNeverFreesTheSuccessor(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Contender stale = Contender.of(trial, history, "stale");
        Contender successor = Contender.of(trial, history, "successor");
        Contender third = Contender.of(trial, history, "third");
        Held old = stale.win(lock);
        Held kept = stale.win(key("kept"));
        Pending<Held> waiting = successor.contend(lock);
        waiting.awaitBlocked();
        old.release();
        Held held = waiting.get(trial.atOnce());
        old.release();
        old.lease().close();
        isLeftInPeace(third, held, "a second release() by its predecessor");
        assertThat(kept.isHeld())
                .as("another lease of the stale holder's client: %s", kept)
                .isTrue();
        stale.client().close();
        isLeftInPeace(third, held, "close() of its predecessor's client");
    }

    private static void isLeftInPeace(Contender third, Held held, String after) throws InterruptedException {
        assertThat(third.tryWin(held.lease().key(), MOMENT))
                .as("a third contender's attempt after %s", after)
                .isEmpty();
        assertThat(held.isHeld())
                .as("the successor's lease after %s: %s", after, held)
                .isTrue();
        assertThat(third.holder(held.lease().key()))
                .as("holder() after %s", after)
                .contains(new Holder("successor", held.token()));
    }

    /** Fifty locks in one instance. */
    @Verifies(value = Rule.HA_07, parallel = true)
    public void manyLocksOfOneInstanceAreIndependent(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Contender one = Contender.of(trial, history, "one");
        Contender other = Contender.of(trial, history, "other");
        List<Held> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            all.add(one.win(key("many/" + i)));
        }
        Pending<Held> waiting = one.contend(key("many/0"));
        waiting.awaitBlocked();
        for (int i = 1; i < all.size(); i += 2) {
            all.get(i).release();
        }
        for (int i = 0; i < all.size(); i++) {
            boolean free = i % 2 == 1;
            assertThat(other.tryWin(key("many/" + i), Duration.ZERO).isPresent())
                    .as("another client's one attempt at lock %d of 50, of which the odd ones were released", i)
                    .isEqualTo(free);
            assertThat(all.get(i).isHeld())
                    .as("lock %d of 50, of which the odd ones were released", i)
                    .isEqualTo(!free);
        }
        all.get(0).release();
        assertThat(waiting.get(trial.atOnce()).isHeld())
                .as("the lease of a waiter of the same instance")
                .isTrue();
    }

    /** A lock has nothing to do with locks whose keys look alike. */
    @Verifies(value = Rule.HA_07, parallel = true)
    public void locksBelowEachOtherAreIndependent(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Contender one = Contender.of(trial, history, "one");
        Contender other = Contender.of(trial, history, "other");
        List<Key> keys = List.of(key("a"), key("a/b"), key("a/b/c"), key("ab"), key("A"), key("a/0"));
        List<Held> all = new ArrayList<>();
        for (Key key : keys) {
            Contender owner = all.size() % 2 == 0 ? one : other;
            Held held = owner.tryWin(key, Duration.ZERO).orElse(null);
            assertThat(held)
                    .as("one attempt at lock '%s' while %s are held", key, keys.subList(0, all.size()))
                    .isNotNull();
            all.add(held);
        }
        Pending<Held> waiting = other.contend(keys.get(0));
        waiting.awaitBlocked();
        for (int released = all.size() - 1; released >= 0; released--) {
            all.get(released).release();
            if (released > 0) {
                assertThat(waiting.isDone())
                        .as("whether a waiter for 'a' was let in by the release of '%s'", keys.get(released))
                        .isFalse();
            }
            for (int i = 0; i < released; i++) {
                assertThat(all.get(i).isHeld())
                        .as("lock '%s' after '%s' was released", keys.get(i), keys.get(released))
                        .isTrue();
                assertThat(one.holder(keys.get(i)).map(Holder::token))
                        .as("holder() of lock '%s' after '%s' was released", keys.get(i), keys.get(released))
                        .contains(all.get(i).token());
            }
        }
        waiting.get(trial.atOnce()).release();
    }

    /** A lock and an entry of one key do not meet. */
    @Verifies(value = Rule.HA_07, parallel = true)
    public void aLockAndAnEntryOfOneKeyDoNotMeet(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("core/lock");
        Contender holder = Contender.of(trial, history, "holder");
        Contender rival = Contender.of(trial, history, "rival");
        Held held = holder.win(lock);
        assertThat(rival.client().get(lock))
                .as("the entry at the key of a held lock")
                .isEmpty();
        assertThat(rival.client().list(Prefix.ROOT))
                .as("the listing while a lock is held")
                .isEmpty();
        put(rival.client(), lock.path(), "entry");
        isUntouched(rival, held, "a put at its key");
        assertThat(get(holder.client(), lock.path()))
                .as("the entry that was put at the key of a held lock")
                .contains("entry");
        rival.client().delete(lock);
        isUntouched(rival, held, "a delete at its key");
        put(rival.client(), lock.path(), "entry");
        held.release();
        assertThat(get(rival.client(), lock.path()))
                .as("the entry after the lock of its key was released")
                .contains("entry");
        assertThat(rival.holder(lock))
                .as("holder() of a free lock with an entry at its key")
                .isEmpty();
        rival.win(lock).release();
    }

    private static void isUntouched(Contender rival, Held held, String after) throws InterruptedException {
        Key lock = held.lease().key();
        assertThat(rival.tryWin(lock, Duration.ZERO))
                .as("an attempt at a held lock after %s", after)
                .isEmpty();
        assertThat(held.isHeld()).as("a lock after %s", after).isTrue();
        assertThat(rival.holder(lock)).as("holder() after %s", after).contains(new Holder("holder", held.token()));
    }

    /** The value is not the contender. */
    @Verifies(value = Rule.HA_07, parallel = true)
    public void contendersWithEqualValuesExcludeEachOther(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Contender first = Contender.of(trial, history, "same");
        Held held = first.win(lock);
        Contender restarted = Contender.of(trial, history, "same");
        assertThat(restarted.tryWin(lock, Duration.ZERO))
                .as("one attempt of a new client with the value of the holder")
                .isEmpty();
        assertThat(restarted.tryWin(lock, MOMENT))
                .as("%d ms of a new client with the value of the holder", MOMENT.toMillis())
                .isEmpty();
        assertThat(held.isHeld()).as("the holder's lease after that: %s", held).isTrue();
        assertThat(restarted.holder(lock)).as("holder() after that").contains(new Holder("same", held.token()));
        restarted.client().close();
        assertThat(held.isHeld())
                .as("the holder's lease after a client with its value was closed: %s", held)
                .isTrue();
        assertThat(Contender.of(trial, history, "third").tryWin(lock, MOMENT))
                .as("a third contender's attempt after a client with the holder's value was closed")
                .isEmpty();
        held.release();
    }
}
