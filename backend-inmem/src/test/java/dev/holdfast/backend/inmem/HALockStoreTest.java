package dev.holdfast.backend.inmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.ha.HAEvent;
import dev.holdfast.ha.HAEvent.Kind;
import dev.holdfast.ha.HANode;
import dev.holdfast.ha.Term;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Operation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A lock store that was replaced, or restored to an earlier state. */
class HALockStoreTest {
    @RegisterExtension
    final HALab lab = new HALab();

    /** The lock store that takes the place of the first one. */
    @RegisterExtension
    final Lab restored = new Lab().with("lock_ttl", "5s");

    private HALab.Node next;

    @AfterEach
    void stop() {
        if (next != null) {
            next.node.close();
        }
    }

    /** The service has run under three tokens at least; its last term is still there, in a process that knows of nothing. */
    private Term oldTerm() {
        HALab.Node old = lab.node("old");
        old.start(old.builder().stepDownPause(Duration.ZERO));
        while (old.active().lease().token() < 3) {
            long ending = old.active().lease().token();
            old.node.stepDown();
            Lab.await(
                    "the next term",
                    () -> old.node
                            .term()
                            .filter(term -> term.lease().token() > ending)
                            .isPresent());
        }
        Term term = old.active();
        term.storage().put(Lab.entry("x", "of the old active"));
        return term;
    }

    private HALab.Node start(String name) {
        next = lab.node(name, lab.data.open(name), restored.open(name)).start();
        return next;
    }

    private void spend(int tokens) throws InterruptedException {
        for (int i = 0; i < tokens; i++) {
            restored.open("spend").lock(HALab.LOCK, "spend").acquire().release();
        }
    }

    private HAEvent isBlocked(HALab.Node node) {
        HAEvent event = node.event(Kind.LOCK_STORE_BEHIND);
        Lab.await("it does not contend", () -> node.node.state() == HANode.State.BLOCKED);
        assertThat(event.why())
                .contains("was replaced, or restored to an earlier state")
                .contains("point ha_storage back")
                .contains("HAStorage.adoptLockStore with the confirmation \"new lock store 1 for core/lock\"");
        return event;
    }

    @Test
    void isRecognisedAndAdoptedOnlyOnPurpose() throws Exception {
        Term old = oldTerm();
        HALab.Node node = start("new");
        assertThat(isBlocked(node).token()).isEqualTo(1);
        old.storage().put(Lab.entry("x", "the old active is not disturbed"));

        assertThatThrownBy(() -> node.pair.adoptLockStore(HALab.LOCK, "yes"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("confirm with exactly \"new lock store 1 for core/lock\"")
                .hasMessageContaining("nothing was changed");
        old.storage().put(Lab.entry("x", "nothing was changed"));
        assertThat(node.node.state()).isEqualTo(HANode.State.BLOCKED);

        node.pair.adoptLockStore(HALab.LOCK, "new lock store 1 for core/lock");
        Term now = node.active();
        now.storage().put(Lab.entry("x", "of the new active"));
        assertThatThrownBy(() -> old.storage().put(Lab.entry("x", "late"))).isInstanceOf(BackendException.Fenced.class);
        assertThat(now.storage().get(Key.of("x"))).contains(Lab.entry("x", "of the new active"));
    }

    /** Before anybody is active again, and also where a step of the adoption comes to the very height that stands. */
    @Test
    void theOldActiveIsShutOutByTheAdoptionItself() throws Exception {
        Term old = oldTerm();
        assertThat(old.lease().token()).isEqualTo(3);
        spend(1); // so that the adoption has token 2, and its first step comes to 3
        HALab.Node adopting = lab.node("adopting", lab.data.open("adopting"), restored.open("adopting"));

        adopting.pair.adoptLockStore(HALab.LOCK, "new lock store 1 for core/lock");

        assertThatThrownBy(() -> old.storage().put(Lab.entry("x", "late"))).isInstanceOf(BackendException.Fenced.class);
    }

    /** To contend would spend tokens, and lift the lock store over the fence in the end. */
    @Test
    void whatStorageSaysMeanwhileMakesNoBlockedNodeContend() throws Exception {
        oldTerm();
        AtomicInteger denied = new AtomicInteger();
        AtomicBoolean denies = new AtomicBoolean();
        Key which = HALab.LOCK.asPrefix().key("lock-store"); // and all else, so that it could contend
        Backend data = lab.data.open("new");
        Backend fickle = (Backend) Proxy.newProxyInstance(
                getClass().getClassLoader(), data.getClass().getInterfaces(), (proxy, method, arguments) -> {
                    if (denies.get() && method.getName().equals("get") && arguments[0].equals(which)) {
                        denied.incrementAndGet();
                        throw new BackendException.AccessDenied(Operation.at("inmem", "here"), "not now", null);
                    }
                    try {
                        return method.invoke(data, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        next = lab.node("new", fickle, restored.open("new"));
        next.start(next.builder().retry(Duration.ofMillis(10), Duration.ofMillis(20)));
        isBlocked(next);
        denies.set(true);
        Lab.await("storage was asked again and again", () -> denied.get() > 10);
        assertThat(next.node.state()).isEqualTo(HANode.State.BLOCKED);
        assertThat(next.event(Kind.ERROR).why()).contains("not now");
        Lease witness = restored.open("witness").lock(HALab.LOCK, "witness").acquire();
        assertThat(witness.token()).as("the token after the blocked node's").isEqualTo(2);
        witness.release();
        denies.set(false);
        next.pair.adoptLockStore(HALab.LOCK, "new lock store 1 for core/lock");
        next.active();
    }

    @Test
    void isRecognisedWhenItGivesTheVeryTokenThatStands() throws Exception {
        Term old = oldTerm();
        spend((int) old.lease().token() - 1);
        HALab.Node node = start("new");
        assertThat(isBlocked(node).token())
                .as("the token that both lock stores gave")
                .isEqualTo(old.lease().token());
    }

    @Test
    void whatWasAdoptedIsNoExcuseForTheNextTime() throws Exception {
        oldTerm();
        HALab.Node node = start("new");
        isBlocked(node);
        String confirmation = "new lock store 1 for core/lock";
        node.pair.adoptLockStore(HALab.LOCK, confirmation);
        Term adopted = node.active();
        assertThatThrownBy(() -> node.pair.adoptLockStore(HALab.LOCK, confirmation))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("new lock store 2 for core/lock");
        assertThatThrownBy(() -> node.pair.adoptLockStore(HALab.LOCK, "new lock store 2 for core/lock"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("somebody holds the lock");
        adopted.storage().put(Lab.entry("x", "still active"));

        node.node.close();
        assertThatThrownBy(() -> node.pair.adoptLockStore(HALab.LOCK, "new lock store 2 for core/lock"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is above the fence of storage");
    }

    @Test
    void aFenceThatSomebodyElseRaisedEndsTheTerm() {
        HALab.Node node = lab.node("a").start();
        Term term = node.active();
        Backend unused = lab.data.open("somebody").fence(100);
        assertThatThrownBy(() -> term.storage().put(Lab.entry("x", "late")))
                .isInstanceOf(BackendException.Fenced.class);
        assertThat(node.event(Kind.FENCED).why()).contains("later holder took over");
        isBlocked(node);
    }
}
