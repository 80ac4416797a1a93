package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.stores.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of calls to servers that misbehave; each is a real one on loopback that says what it was told to say. */
@Timeout(30)
class EtcdClientTest {
    private static final Key KEY = Key.of("k");

    private final List<AutoCloseable> opened = new ArrayList<>();

    /** Nothing is found out here: the first connection of a JVM alone takes longer than a call when the machine is busy. */
    @BeforeAll
    static void connectOnce() throws Exception {
        EtcdClientTest first = new EtcdClientTest();
        FakeServer server = first.server(0);
        awaitCall(first.open(server.address()), server);
        first.closeAll();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Test
    void aReadThatFailsInPassingIsRepeated() throws IOException {
        FakeServer server = server(0);
        server.failures.set(2);
        assertThat(open(server.address()).get(KEY)).isEmpty();
        assertThat(server.calls).hasValue(3);
    }

    @Test
    void aWriteIsSentOnceAndItsOutcomeUnknown() throws IOException {
        FakeServer server = server(0);
        server.failures.set(1);
        Backend backend = open(server.address());
        assertThatThrownBy(() -> backend.put(Entry.of(KEY, new byte[1])))
                .isInstanceOf(BackendException.OutcomeUnknown.class);
        assertThat(server.calls).hasValue(1);
    }

    @Test
    void aSilentServerIsNotWaitedForLongerThanAsked() throws IOException {
        FakeServer server = server(0);
        Backend backend = open(server.address(), "request_timeout", "1s");
        awaitCall(backend, server);
        server.silent = true;
        long began = System.nanoTime();
        assertThatThrownBy(() -> backend.put(Entry.of(KEY, new byte[1])))
                .isInstanceOf(BackendException.OutcomeUnknown.class);
        assertThatThrownBy(() -> backend.get(KEY)).isInstanceOf(BackendException.Unavailable.class);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void aReadIsAnsweredByAnotherMemberWhenOneIsSilent() throws IOException {
        FakeServer silent = server(0);
        FakeServer other = server(0);
        Backend backend = open(silent.address() + "," + other.address(), "request_timeout", "6s");
        awaitCall(backend, silent);
        awaitCall(backend, other);
        silent.silent = true;
        int before = silent.calls.get();
        for (int i = 0; i < 2; i++) {
            assertThat(backend.get(KEY)).isEmpty();
        }
        assertThat(silent.calls.get()).as("asked as well").isGreaterThan(before);
    }

    /** Members take turns, so whoever asks again without a look at who was asked before may meet the silent one again. */
    @Test
    void noReadIsAskedOfTheSilentMemberOnlyThoughOthersTakeTurnsInBetween() throws Exception {
        FakeServer silent = server(0);
        FakeServer other = server(0);
        Backend backend = open(silent.address() + "," + other.address(), "request_timeout", "6s");
        awaitCall(backend, silent);
        awaitCall(backend, other); // so the next turn is the silent one's
        silent.silent = true;
        List<CompletableFuture<Optional<Entry>>> reads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int before = silent.calls.get();
            reads.add(CompletableFuture.supplyAsync(() -> backend.get(KEY)));
            await("the silent member is asked", () -> silent.calls.get() > before);
            assertThat(backend.get(KEY)).as("the answer of the other").isEmpty();
        }
        for (CompletableFuture<Optional<Entry>> read : reads) {
            assertThat(read.get(20, TimeUnit.SECONDS)).isEmpty();
        }
    }

    @Test
    void aPutThatMeetsNoOtherCostsOneRequest() throws IOException {
        FakeServer server = server(0);
        Backend backend = open(server.address());
        awaitCall(backend, server);
        int before = server.calls.get();
        for (int i = 0; i < 10; i++) {
            backend.put(Entry.of(KEY, new byte[1]));
            assertThat(server.calls).hasValue(before + i + 1);
        }
    }

    @Test
    void putsThatComeWhileOthersAreUnderWayShareTransactions() throws Exception {
        FakeServer server = server(0);
        Backend backend = open(server.address(), "request_timeout", "20s");
        awaitCall(backend, server);
        server.holds = true;
        int before = server.calls.get();
        List<Background> puts = new ArrayList<>();
        for (int i = 0; i < EtcdWriter.UNDER_WAY; i++) {
            int sent = before + i + 1;
            puts.add(put(backend, i));
            await("the first are sent at once", () -> server.calls.get() == sent);
        }
        for (int i = 0; i < EtcdChange.MOST_PUTS + 1; i++) {
            puts.add(put(backend, 100 + i));
        }
        await("all wait", () -> puts.stream().allMatch(put -> put.thread().getState() == Thread.State.TIMED_WAITING));

        server.release();

        for (Background put : puts) {
            put.done().get(20, TimeUnit.SECONDS);
        }
        assertThat(server.calls).as("two more transactions").hasValue(before + EtcdWriter.UNDER_WAY + 2);
    }

    private record Background(Thread thread, CompletableFuture<Void> done) {}

    private static Background put(Backend backend, int number) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                backend.put(Entry.of(Key.of("k" + number), new byte[1]));
                done.complete(null);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        thread.start();
        return new Background(thread, done);
    }

    @Test
    void nothingWasSentToAServerThatIsNotThere() throws IOException {
        Backend backend = open("http://127.0.0.1:" + FreePort.next(), "request_timeout", "2s");
        assertThatThrownBy(() -> backend.put(Entry.of(KEY, new byte[1])))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("refused");
    }

    @Test
    void aServerThatComesLaterIsFound() throws IOException {
        int port = FreePort.next();
        Backend backend = open("http://127.0.0.1:" + port, "request_timeout", "3s");
        assertThatThrownBy(() -> backend.get(KEY)).isInstanceOf(BackendException.Unavailable.class);
        FakeServer unused = server(port);
        assertThat(backend.get(KEY)).isEmpty();
    }

    @Test
    void aMemberThatLostTheOthersIsLeftForAnotherByWritesAsWell() throws IOException {
        FakeServer alone = server(0);
        FakeServer other = server(0);
        Backend backend = open(alone.address() + "," + other.address());
        awaitCall(backend, alone);
        awaitCall(backend, other);
        alone.isolated = true;
        int before = other.calls.get();
        for (int i = 0; i < 10; i++) {
            backend.put(Entry.of(KEY, new byte[1]));
        }
        assertThat(other.calls).hasValue(before + 10);
    }

    /** gRPC tries the others ever less often while there is a connection to one. */
    @Test
    void theOthersAreSoughtAtOnceWhenTheOnlyMemberConnectedHasLostThem() throws IOException {
        FakeServer alone = server(0);
        Backend backend;
        int port = FreePort.next();
        try (ServerSocket refusing = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
            backend = open(alone.address() + ",http://127.0.0.1:" + port, "request_timeout", "2s");
            awaitCall(backend, alone);
            for (int i = 0; i < 4; i++) {
                refusing.accept().close();
            }
        } // and the next attempt is more than three seconds away
        alone.isolated = true;
        FakeServer other = server(port);
        backend.put(Entry.of(KEY, new byte[1]));
        assertThat(other.calls).hasValue(1);
    }

    @Test
    void nothingWasAppliedWhereNoMemberHasALeader() throws IOException {
        FakeServer server = server(0);
        Backend backend = open(server.address(), "request_timeout", "3s"); // to connect, and then to hear of it
        backend.put(Entry.of(KEY, new byte[1]));
        server.isolated = true;
        assertThatThrownBy(() -> backend.put(Entry.of(KEY, new byte[1])))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("no leader");
        server.isolated = false;
        backend.put(Entry.of(KEY, new byte[1]));
    }

    @Test
    void aTokenThatIsRefusedIsFetchedOnceMore() throws IOException {
        FakeServer server = server(0);
        server.wantsToken = true;
        Backend backend = open(server.address(), "username", "u", "password", "p");
        backend.put(Entry.of(KEY, new byte[1]));
        backend.put(Entry.of(KEY, new byte[1]));
        assertThat(server.tokens).hasValue(1);
        server.refusedTokens = 1;
        backend.put(Entry.of(KEY, new byte[1]));
        assertThat(server.tokens).hasValue(2);
    }

    @Test
    void membersMayRefuseSeveralTokensThatWereJustGiven() throws IOException {
        FakeServer server = server(0);
        server.wantsToken = true;
        server.refusedTokens = 3;
        Backend backend = open(server.address(), "username", "u", "password", "p");
        backend.put(Entry.of(KEY, new byte[1]));
        assertThat(server.tokens).hasValue(4);
        assertThat(server.calls).as("writes that were let in").hasValue(1);
    }

    @Test
    void thatNoTokenIsGoodIsNoFaultOfThePasswordAndEndsInTime() throws IOException {
        FakeServer server = server(0);
        server.wantsToken = true;
        server.refusedTokens = Integer.MAX_VALUE;
        Backend backend = open(server.address(), "username", "u", "password", "p", "request_timeout", "1s");
        long asked = System.nanoTime();
        assertThatThrownBy(() -> backend.put(Entry.of(KEY, new byte[1])))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("tokens that they have just given");
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(8));
        assertThat(server.tokens).as("with growing pauses").hasValueLessThan(7);
    }

    /** All calls wait for the one token, so that who is asked for it must not be waited for in vain. */
    @Test
    void aTokenIsAskedOfAnotherMemberWhenOneIsSilent() throws IOException {
        List<FakeServer> members = List.of(server(0), server(0));
        members.forEach(member -> member.wantsToken = true);
        String both = members.get(0).address() + "," + members.get(1).address();
        Backend backend = open(both, "username", "u", "password", "p", "request_timeout", "6s");
        members.forEach(member -> awaitCall(backend, member));
        AtomicInteger leftUnanswered = new AtomicInteger(1); // the first that is asked, whose turn it ever is
        members.forEach(member -> {
            member.leftUnanswered = leftUnanswered;
            member.refusedTokens = 1;
            member.tokens.set(1);
            member.logins.set(0);
        });
        assertThat(backend.get(KEY)).isEmpty();
        assertThat(members).extracting(member -> member.logins.get()).containsExactly(1, 1);
    }

    @Test
    void aWrongPasswordIsToldAtOnceAndNotShown() throws IOException {
        FakeServer server = server(0);
        server.wantsToken = true;
        Backend backend = open(server.address(), "username", "u", "password", "wrong");
        assertThatThrownBy(() -> backend.put(Entry.of(KEY, new byte[1])))
                .isInstanceOf(BackendException.AccessDenied.class)
                .hasMessageNotContaining("wrong");
        assertThat(server.calls).hasValue(0);
    }

    private FakeServer server(int port) throws IOException {
        FakeServer server = new FakeServer(port);
        opened.add(server);
        return server;
    }

    private Backend open(String endpoints, String... more) {
        Map<String, String> options = new HashMap<>(Map.of("endpoints", endpoints, "request_timeout", "10s"));
        for (int i = 0; i < more.length; i += 2) {
            options.put(more[i], more[i + 1]);
        }
        Backend backend = FakeServer.openAll(options);
        opened.add(0, backend);
        return backend;
    }

    /** Reads until a server is asked, which is then connected to; the one that answered last took the last turn. */
    private static void awaitCall(Backend backend, FakeServer server) {
        int before = server.calls.get();
        await("a call of " + server.address(), () -> {
            try {
                return backend.get(KEY).isEmpty() && server.calls.get() > before;
            } catch (BackendException.Unavailable e) {
                return false;
            }
        });
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("not in time: %s", what).isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }
}
