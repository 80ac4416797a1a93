package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.backend.zookeeper.ZooKeeperWriter.Single;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Batches;
import dev.holdfast.spi.driver.LeaseThreads;
import java.time.Duration;
import java.util.HashMap;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ZooKeeperWriterTest {
    private static final Operation OPERATION =
            Operation.at("zookeeper", "nowhere").on("put", "k");

    private final ZooKeeperOptions options = ZooKeeperOptions.of(
            ZooKeeperOptions.SCHEMA.parse("backend 'zookeeper'", new HashMap<>(), variable -> null));
    private final ZooKeeperKeys keys = new ZooKeeperKeys("/p");
    private final LeaseThreads threads = new LeaseThreads("test");
    private final ZooKeeperClient client =
            new ZooKeeperClient(options, threads, "data", options.sessionTimeout(), (zk, state) -> {});
    private final ZooKeeperWriter writer = new ZooKeeperWriter(
            client,
            new ZooKeeperReads(client, "/p", true, options.requestTimeout()),
            keys,
            new ZooKeeperRoots(client, keys, options.acl()));

    @AfterEach
    void close() {
        client.close();
        threads.close();
    }

    @Test
    void onlyPutsShareARequest() {
        Single put = put("a", 1, null);
        Single delete =
                new Single(OPERATION, new Mutation.Delete(Key.of("b")), keys.value(Key.of("b")), null, put.end());
        assertThat(writer.room(put).admits(put("b", 1, null))).isTrue();
        assertThat(writer.room(put).admits(delete)).isFalse();
        assertThat(writer.room(delete).admits(put)).isFalse();
    }

    /** A request of several with a new key among them would be refused, and each would have to be sent once more. */
    @Test
    void aPutOfANewKeyGoesAloneAndAtOnce() {
        Single known = put("a", 1, null);
        Single fresh = newPut("b", 1, null);
        assertThat(writer.goesAlone(known)).isFalse();
        assertThat(writer.goesAlone(fresh)).isTrue();
        assertThat(writer.room(known).admits(fresh)).isFalse();
        assertThat(writer.room(fresh).admits(known)).isFalse();
    }

    @Test
    void onlyThoseBehindTheSameFenceShareARequest() {
        ZooKeeperFence fence = new ZooKeeperFence("/p/f", 1, "1-a");
        assertThat(writer.room(put("a", 1, fence)).admits(put("b", 1, new ZooKeeperFence("/p/f", 1, "1-a"))))
                .isTrue();
        assertThat(writer.room(put("a", 1, fence)).admits(put("b", 1, new ZooKeeperFence("/p/f", 2, "2-b"))))
                .isFalse();
        assertThat(writer.room(put("a", 1, fence)).admits(put("b", 1, null))).isFalse();
    }

    @Test
    void neitherManyNorLargeValuesMakeALargeRequest() {
        Batches.Room<Single> many = writer.room(put("k", 1, null));
        IntStream.range(1, 32)
                .forEach(i -> assertThat(many.admits(put("k" + i, 1, null))).isTrue());
        assertThat(many.admits(put("one more", 1, null))).isFalse();
        Batches.Room<Single> large = writer.room(put("k", 100 << 10, null));
        assertThat(large.admits(put("k1", 100 << 10, null))).isTrue();
        assertThat(large.admits(put("k2", 100 << 10, null))).isFalse();
        assertThat(large.admits(put("k3", 10 << 10, null)))
                .as("what was left out takes no room")
                .isTrue();
        assertThat(writer.room(put("a", 1, null)).admits(put("b", 700_000, null)))
                .isFalse();
        assertThat(writer.room(put("b", 700_000, null)).admits(put("a", 1, null)))
                .isFalse();
    }

    @Test
    void oneOfSeveralMayBeToBlameForARefusalButNotForALostAnswer() {
        assertThat(writer.isOnesOwn(new CompletionException(new ZooKeeperErrors.Refused(3, Code.NONODE))))
                .isTrue();
        assertThat(writer.isOnesOwn(new BackendException.Fenced(OPERATION, 1))).isTrue();
        assertThat(writer.isOnesOwn(KeeperException.create(Code.CONNECTIONLOSS)))
                .isFalse();
    }

    @Test
    void whatIsTooLateIsNotSent() {
        assertThat(writer.expired(put("a", 1, null))).isNull();
        Single late = new Single(OPERATION, new Mutation.Delete(Key.of("a")), "/p/d/=a", null, System.nanoTime() - 1);
        assertThat(writer.expired(late)).isInstanceOf(ZooKeeperErrors.NotSent.class);
    }

    /** Of a key that is known to be there. */
    private Single put(String key, int size, @Nullable ZooKeeperFence fence) {
        Single put = newPut(key, size, fence);
        writer.found(put.node());
        return put;
    }

    private Single newPut(String key, int size, @Nullable ZooKeeperFence fence) {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        Entry entry = Entry.of(Key.of(key), new byte[size]);
        return new Single(OPERATION, new Mutation.Put(entry), keys.value(entry.key()), fence, end);
    }
}
