package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.backend.etcd.EtcdWriter.Single;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Batches;
import dev.holdfast.spi.driver.LeaseThreads;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is asked for when a directory is known to be there, and what happens when it is not. */
@Timeout(60)
class EtcdPresenceTest {
    private static final Operation OPERATION = Operation.at("etcd", "fake").on("put", "k");

    private final FakeEtcd etcd = new FakeEtcd();
    private final EtcdKeys keys = new EtcdKeys("p/");
    private final List<TxnRequest> asked = new CopyOnWriteArrayList<>();
    private final LeaseThreads threads = new LeaseThreads("test");
    private FakeServer server;
    private EtcdClient client;
    private EtcdWriter writer;
    private EtcdWriter other;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer(0);
        server.transactions = txn -> {
            asked.add(txn);
            return etcd.commit(txn);
        };
        Map<String, String> options = Map.of("endpoints", server.address(), "path", "p/", "request_timeout", "20s");
        client = new EtcdClient(
                EtcdOptions.of(EtcdOptions.SCHEMA.parse("backend 'etcd'", options, variable -> null)), threads);
        writer = new EtcdWriter(client, keys);
        other = new EtcdWriter(client, keys);
    }

    @AfterEach
    void stop() {
        client.close();
        threads.close();
        server.close();
    }

    @Test
    void aPutIntoADirectoryThatIsKnownLooksAtNothingElse() throws Exception {
        send(writer, put("a/b/first"));
        assertThat(last().getSuccessList()).anyMatch(RequestOp::hasRequestTxn);

        send(writer, put("a/b/second"));

        assertThat(asked).hasSize(2);
        assertThat(last()).isEqualTo(EtcdChange.intoPresent(keys, Set.of("a/b/"), mutations("a/b/second")));
        assertThat(names()).containsExactly("p/d//a/", "p/d/a//b/", "p/d/a/b//first", "p/d/a/b//second");
    }

    @Test
    void aDirectoryThatWentMeanwhileIsMadeAgain() throws Exception {
        send(writer, put("a/b/first"));
        send(other, delete("a/b/first"));
        assertThat(names()).isEmpty();

        send(writer, put("a/b/second"));

        assertThat(names()).containsExactly("p/d//a/", "p/d/a//b/", "p/d/a/b//second");
    }

    @Test
    void aDirectoryThatOneEmptiesItselfIsKnownToHaveGone() throws Exception {
        send(writer, put("a/b/first"));
        send(writer, delete("a/b/first"));
        int before = asked.size();

        send(writer, put("a/b/second"));

        assertThat(asked).as("no request to find it out").hasSize(before + 1);
        assertThat(names()).containsExactly("p/d//a/", "p/d/a//b/", "p/d/a/b//second");
    }

    @Test
    void oneWhoseDirectoryWentDoesNotFailItsNeighbours() throws Exception {
        send(writer, put("a/first"));
        send(writer, put("b/first"));
        send(other, delete("a/first"));
        Batches<Single> batches = new Batches<>(1, writer);
        int already = asked.size();
        server.holds = true;

        var before = batches.add(put("c"));
        var gone = batches.add(put("a/second"));
        var there = batches.add(put("b/second"));
        while (server.held.isEmpty()) {
            Thread.sleep(1);
        }
        server.release();

        before.get(20, TimeUnit.SECONDS);
        gone.get(20, TimeUnit.SECONDS);
        there.get(20, TimeUnit.SECONDS);
        assertThat(asked).as("c, both at once, and each by itself").hasSize(already + 4);
        assertThat(names())
                .containsExactly("p/d//a/", "p/d//b/", "p/d//c", "p/d/a//second", "p/d/b//first", "p/d/b//second");
    }

    @Test
    void aRaisedFenceIsToldFromADirectoryThatWent() throws Exception {
        EtcdFence fence = new EtcdFence(keys, 1);
        etcd.commit(fence.raise());
        send(writer, put("a/first", fence));
        send(other, delete("a/first"));
        send(writer, put("a/second", fence));
        etcd.commit(new EtcdFence(keys, 2).raise());

        assertThatThrownBy(() -> send(writer, put("a/third", fence))).hasCauseInstanceOf(BackendException.Fenced.class);
        assertThat(names()).containsExactly("p/d//a/", "p/d/a//second", "p/f");
    }

    @Test
    void moreShareATransactionOfWhichEachGoesToAKnownDirectory() throws Exception {
        Batches.Room<Single> unknown = writer.room(put("a/k", null));
        IntStream.range(1, EtcdChange.MOST_MUTATIONS)
                .forEach(i -> assertThat(unknown.admits(put("a/" + i))).isTrue());
        assertThat(unknown.admits(put("a/l"))).isFalse();
        send(writer, put("a/first"));

        Batches.Room<Single> known = writer.room(put("a/k"));
        IntStream.range(1, EtcdChange.MOST_PUTS)
                .forEach(i -> assertThat(known.admits(put("a/" + i))).isTrue());
        assertThat(known.admits(put("a/l"))).isFalse();

        Batches.Room<Single> next = writer.room(put("a/k"));
        assertThat(next.admits(put("b/k"))).isFalse();
        assertThat(next.admits(delete("a/first"))).isFalse();
        assertThat(next.admits(put("at the root"))).isTrue();
    }

    private static void send(EtcdWriter by, Single write) throws Exception {
        by.send(List.of(write)).get(20, TimeUnit.SECONDS);
    }

    private TxnRequest last() {
        return asked.get(asked.size() - 1);
    }

    private List<String> names() {
        return etcd.keys.keySet().stream().map(key -> key.toStringUtf8()).toList();
    }

    private static List<Mutation> mutations(String key) {
        return List.of(new Mutation.Put(Entry.of(Key.of(key), new byte[1])));
    }

    private static Single put(String key) {
        return put(key, null);
    }

    private static Single put(String key, @Nullable EtcdFence fence) {
        return new Single(OPERATION, mutations(key).get(0), fence, end());
    }

    private static Single delete(String key) {
        return new Single(OPERATION, new Mutation.Delete(Key.of(key)), null, end());
    }

    private static long end() {
        return System.nanoTime() + Duration.ofSeconds(20).toNanos();
    }
}
