package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.backend.etcd.EtcdWriter.Single;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Batches;
import dev.holdfast.spi.driver.LeaseThreads;
import io.grpc.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EtcdWriterTest {
    private static final Operation OPERATION = Operation.at("etcd", "nowhere").on("put", "k");

    private final EtcdKeys keys = new EtcdKeys("p/");
    private final LeaseThreads threads = new LeaseThreads("test");
    private final EtcdClient client = new EtcdClient(
            EtcdOptions.of(EtcdOptions.SCHEMA.parse("backend 'etcd'", new HashMap<>(), variable -> null)), threads);
    private final EtcdWriter writer = new EtcdWriter(client, keys);

    @AfterEach
    void close() {
        client.close();
        threads.close();
    }

    @Test
    void noMoreShareATransactionThanACommitMayHave() {
        Batches.Room<Single> room = writer.room(put("d/k", 10, null));
        IntStream.range(1, EtcdChange.MOST_MUTATIONS)
                .forEach(i -> assertThat(room.admits(put("d/k" + i, 10, null))).isTrue());
        assertThat(room.admits(put("d/one more", 10, null))).isFalse();
    }

    @Test
    void onlyThoseBehindTheSameFenceShareATransaction() {
        EtcdFence fence = new EtcdFence(keys, 1);
        EtcdFence higher = new EtcdFence(keys, 2);
        Batches.Room<Single> room = writer.room(put("a", 1, fence));
        assertThat(room.admits(put("b", 1, fence))).isTrue();
        assertThat(room.admits(put("c", 1, higher))).isFalse();
        assertThat(room.admits(put("d", 1, null))).isFalse();
    }

    @Test
    void largeValuesAndDeepPathsGoAlone() {
        Single small = put("a", 1, null);
        Single large = put("b", 1 << 20, null);
        assertThat(writer.room(small).admits(large)).isFalse();
        assertThat(writer.room(large).admits(small)).isFalse();
        String deep = "d/".repeat(500) + "k";
        assertThat(writer.room(put("a/" + deep, 1, null)).admits(put("b/" + deep, 1, null)))
                .isFalse();
    }

    @Test
    void whatShareATransactionAddUp() {
        Batches.Room<Single> values = writer.room(put("k", 100 << 10, null));
        assertThat(values.admits(put("k1", 100 << 10, null))).isTrue();
        assertThat(values.admits(put("k2", 100 << 10, null))).isFalse();
        assertThat(values.admits(put("k3", 10 << 10, null)))
                .as("what was left out takes no room")
                .isTrue();
        String path = "d/".repeat(28) + "k";
        Batches.Room<Single> paths = writer.room(put(path, 1, null));
        IntStream.range(1, EtcdChange.MOST_DIRECTORIES / 29)
                .forEach(i -> assertThat(paths.admits(put(path + i, 1, null))).isTrue());
        assertThat(paths.admits(put(path + "s", 1, null))).isFalse();
    }

    @Test
    void oneOfSeveralMayBeToBlameForARefusalButNotForALostAnswer() {
        assertThat(writer.isOnesOwn(new CompletionException(new BackendException.Fenced(OPERATION, 1))))
                .isTrue();
        assertThat(writer.isOnesOwn(denied())).isTrue();
        assertThat(writer.isOnesOwn(Status.INVALID_ARGUMENT
                        .withDescription("etcdserver: request is too large")
                        .asRuntimeException()))
                .isTrue();
        assertThat(writer.isOnesOwn(Status.UNAVAILABLE.asRuntimeException())).isFalse();
        assertThat(writer.isOnesOwn(Status.DEADLINE_EXCEEDED.asRuntimeException()))
                .isFalse();
    }

    @Test
    void whatIsTooLateIsNotSent() {
        assertThat(writer.expired(put("a", 1, null))).isNull();
        Single late = new Single(OPERATION, new Mutation.Delete(Key.of("a")), null, System.nanoTime() - 1);
        assertThat(writer.expired(late)).isInstanceOf(EtcdErrors.NotSent.class);
    }

    private static RuntimeException denied() {
        return Status.PERMISSION_DENIED
                .withDescription("etcdserver: permission denied")
                .asRuntimeException();
    }

    private static Single put(String key, int size, @Nullable EtcdFence fence) {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        return new Single(OPERATION, new Mutation.Put(Entry.of(Key.of(key), new byte[size])), fence, end);
    }
}
