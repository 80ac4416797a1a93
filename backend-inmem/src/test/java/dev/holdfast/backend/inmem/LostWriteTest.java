package dev.holdfast.backend.inmem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ha.HAEvent.Kind;
import dev.holdfast.ha.Term;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.PlainStorage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What the library is for, before and after: the active's write is on its way while it loses its lock, and arrives when its
 * successor, whose write was acknowledged, believes that it is alone. The lock is in one store and the data in another that
 * cannot fence, as with Vault's {@code ha_storage} beside S3.
 */
class LostWriteTest {
    private static final int ROUNDS = 3;

    /** A write may take 600 ms; the link delays it by less. */
    private static final Duration DELAY = Duration.ofMillis(400);

    private static final Duration LOCK_DELAY = Duration.ofMillis(1_600);

    @RegisterExtension
    final HALab lab = new HALab();

    @Test
    void anAcknowledgedWriteIsLostWithALockAloneAndNoneWithTheGuard() throws Exception {
        int before = 0;
        int after = 0;
        for (int i = 0; i < ROUNDS; i++) {
            before += isLostWithALockAlone("alone-" + i) ? 1 : 0;
            after += isLostWithTheGuard("guarded-" + i) ? 1 : 0;
        }
        System.out.println("acknowledged writes of the successor that were lost: with a lock alone " + before + " of "
                + ROUNDS + ", with the guard " + after + " of " + ROUNDS);
        assertThat(before).as("lost with a lock alone: the demonstration works").isEqualTo(ROUNDS);
        assertThat(after).as("lost with the guard").isZero();
    }

    /** What a host does that has a lock and nothing else. */
    private boolean isLostWithALockAlone(String x) throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        Backend ofA = tellingOf(Lab.entry(x, "late"), new PlainStorage(lab.data.open("a")), sent);
        Backend ofB = new PlainStorage(lab.data.open("b"));
        Lease a = lab.locks.open("a").lock(HALab.LOCK, "a").acquire();
        lab.data.link("a").delay(DELAY);
        CompletableFuture<Void> late = Lab.inBackground(() -> {
            assertThat(a.isHeld()).isTrue();
            ofA.put(Lab.entry(x, "late"));
            return null;
        });
        // What a node of the round before has asked for may still be on that link.
        assertThat(sent.await(Lab.BOUND.toSeconds(), TimeUnit.SECONDS))
                .as("the write is on its way")
                .isTrue();
        lab.deleteLock();
        Lease b = lab.locks.open("b").lock(HALab.LOCK, "b").acquire();
        ofB.put(Lab.entry(x, "of the successor"));
        Lab.within(late);
        assertThat(b.isHeld()).isTrue();
        lab.data.link("a").heal();
        b.release();
        return isLost(ofB, x);
    }

    private boolean isLostWithTheGuard(String x) throws Exception {
        CountDownLatch admitted = new CountDownLatch(1);
        Backend ofA = tellingOf(Lab.entry(x, "late"), new PlainStorage(lab.data.open("a")), admitted);
        HALab.Node a = lab.boundedNode("a", ofA, LOCK_DELAY).start();
        Term first = a.active();
        HALab.Node b = lab.boundedNode("b", LOCK_DELAY).start();
        a.dataLink().delay(DELAY);
        CompletableFuture<Void> late = Lab.inBackground(() -> {
            first.storage().put(Lab.entry(x, "late"));
            return null;
        });
        // The node's own requests are on that link too, so what travels there need not be the write.
        assertThat(admitted.await(Lab.BOUND.toSeconds(), TimeUnit.SECONDS))
                .as("the guard lets the write through")
                .isTrue();
        long deposed = System.nanoTime(); // before, not after: the next one may have the lock at once
        lab.deleteLock();
        Term second = b.active();
        assertThat(Duration.ofNanos(System.nanoTime() - deposed)).isGreaterThanOrEqualTo(LOCK_DELAY);
        assertThat(b.event(Kind.LOCK_DELAY).why()).containsPattern("writes of its may arrive for [34][0-9]{3} ms");
        second.storage().put(Lab.entry(x, "of the successor"));
        Lab.within(late);
        boolean lost = isLost(second.storage(), x);
        a.dataLink().heal();
        a.node.close();
        b.node.close();
        return lost;
    }

    private static Backend tellingOf(Entry entry, Backend storage, CountDownLatch told) {
        return (Backend) Proxy.newProxyInstance(
                LostWriteTest.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("put") && entry.equals(arguments[0])) {
                        told.countDown();
                    }
                    try {
                        return method.invoke(storage, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** What the successor wrote, and was told to be safe. */
    private static boolean isLost(Backend storage, String x) {
        return !storage.get(Key.of(x)).equals(Optional.of(Lab.entry(x, "of the successor")));
    }
}
