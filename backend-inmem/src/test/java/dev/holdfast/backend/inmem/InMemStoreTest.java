package dev.holdfast.backend.inmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.driver.FencedView;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class InMemStoreTest {
    private static final Entry ENTRY = Lab.entry("a", "1");
    private static final Key LOCK = Key.of("lock");

    @RegisterExtension
    final Lab lab = new Lab();

    @Test
    void aPausedStoreAnswersWhenItResumesInOrder() throws Exception {
        InMemLink link = new InMemLink();
        Queue<String> order = new ConcurrentLinkedQueue<>();
        lab.store.pause();
        CompletableFuture<?> first = link.send(lab.store, store -> order.add("first"));
        CompletableFuture<?> second = link.send(lab.store, store -> order.add("second"));
        assertThat(first).isNotDone();

        lab.store.resume();

        Lab.within(CompletableFuture.allOf(first, second));
        assertThat(order).containsExactly("first", "second");
        assertThat(link.send(lab.store, store -> "at once")).isCompletedWithValue("at once");
    }

    @Test
    void aPausedStoreDoesNotHangItsClients() {
        Backend backend = lab.open("1");
        lab.store.pause();

        assertThatThrownBy(() -> backend.get(ENTRY.key())).isInstanceOf(BackendException.Unavailable.class);
        assertThatThrownBy(() -> backend.put(ENTRY)).isInstanceOf(BackendException.OutcomeUnknown.class);
    }

    @Test
    void aRestartKeepsEntriesFencesLocksAndTokens() throws Exception {
        InMemBackend backend = lab.open("1");
        backend.put(ENTRY);
        FencedView<Long> stale = backend.fence(1);
        backend.fence(2);
        Lease lease = backend.lock(LOCK, "me").acquire();

        lab.store.restart();

        assertThat(lab.open("2").get(ENTRY.key())).contains(ENTRY);
        assertThatThrownBy(() -> stale.put(ENTRY)).isInstanceOf(BackendException.Fenced.class);
        assertThat(lab.open("2").lock(LOCK, "other").tryAcquire(Duration.ZERO)).isEmpty();
        assertThat(lease.isHeld()).isTrue();
        lease.release();
        assertThat(lab.open("2").lock(LOCK, "other").acquire().token()).isGreaterThan(lease.token());
    }

    @Test
    void aRestartLosesTheRequestsThatWait() {
        Backend backend = lab.with("request_timeout", "1h").open("1");
        lab.store.pause();
        CompletableFuture<Void> writing = Lab.inBackground(() -> {
            backend.put(ENTRY);
            return null;
        });
        Lab.await("it is in the store", () -> lab.store.queued() == 1);

        lab.store.restart();

        InMemLinkTest.assertFails(writing, BackendException.OutcomeUnknown.class);
        assertThat(backend.get(ENTRY.key())).isEmpty();
    }

    @Test
    void aSessionEndsOnTimeThoughNobodyAsks() throws Exception {
        lab.open("1").lock(LOCK, "me").acquire();
        assertThat(lab.store.sessions()).isOne();

        lab.link("1").loseRequests();

        Lab.await("the session ended", () -> lab.store.sessions() == 0);
    }

    @Test
    void noSessionEndsWhileTheStoreIsPausedAndNoneThatIsOverdueOutlivesThePause() throws Exception {
        Lease lease = lab.open("1").lock(LOCK, "me").acquire();
        lab.store.pause();
        Loss loss = Lab.within(lease.lost().toCompletableFuture());
        assertThat(loss.reason()).isEqualTo(Loss.Reason.EXPIRED);
        assertThat(lab.store.sessions()).isOne();

        lab.store.resume();

        assertThat(lab.open("2").lock(LOCK, "other").acquire().token()).isGreaterThan(lease.token());
    }

    @Test
    void aRevokedSessionIsSignalledAndTheNextIsGranted() throws Exception {
        InMemBackend backend = lab.with("lock_ttl", "1h").open("1");
        Lease lease = backend.lock(LOCK, "me").acquire();
        CompletableFuture<Lease> next =
                Lab.inBackground(() -> lab.open("2").lock(LOCK, "next").acquire());
        Lab.await("the next one waits", () -> lab.store.waiting("lab/", LOCK) == 1);

        lab.store.expireHolder("lab/", LOCK);

        assertThat(Lab.within(lease.lost().toCompletableFuture()).reason()).isEqualTo(Loss.Reason.REVOKED);
        assertThat(lease.isHeld()).isFalse();
        assertThat(Lab.within(next).token()).isGreaterThan(lease.token());
    }

    @Test
    void aDeletedLockIsSignalledToItsHolderAndItsWaitersQueueAgain() throws Exception {
        InMemBackend backend = lab.with("lock_ttl", "1h").open("1");
        Lease lease = backend.lock(LOCK, "me").acquire();
        Lease unharmed = backend.lock(Key.of("another"), "me").acquire();
        CompletableFuture<Lease> next =
                Lab.inBackground(() -> lab.open("2").lock(LOCK, "next").acquire());
        Lab.await("the next one waits", () -> lab.store.waiting("lab/", LOCK) == 1);

        lab.store.deleteLock("lab", LOCK);

        assertThat(Lab.within(lease.lost().toCompletableFuture()).reason()).isEqualTo(Loss.Reason.REVOKED);
        assertThat(Lab.within(next).token()).isGreaterThan(lease.token());
        assertThat(unharmed.isHeld()).isTrue();
    }

    @Test
    void whatIsNotThereNeedNotBeEnded() {
        lab.store.expireHolder("lab/", LOCK);
        lab.store.deleteLock("lab/", LOCK);
        assertThat(lab.store.sessions()).isZero();
    }
}
