package dev.holdfast.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StandbysTest {
    private final AtomicLong now = new AtomicLong();
    private final Standbys standbys = new Standbys(now::get);

    private void hear(String node) {
        standbys.heard(node, new Standbys.Seen("host", "http://" + node + ":1", "", "1", Instant.EPOCH));
    }

    @Test
    void thoseThatAreGoneTakeNoPlaceFromNewOnes() {
        for (int i = 0; i < 1_000; i++) {
            hear("old-" + i);
        }
        hear("too-many");
        assertThat(standbys.members())
                .hasSize(1_000)
                .noneMatch(one -> one.node().equals("too-many"));

        now.addAndGet(Duration.ofSeconds(31).toNanos());
        hear("new");

        assertThat(standbys.members()).extracting(Member::node).containsExactly("new");
    }
}
