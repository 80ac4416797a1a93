package dev.holdfast.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is known of the standbys, and what speaks against replacing the next node. */
class StandbysTest {
    private final AtomicLong now = new AtomicLong();
    private final Standbys standbys = new Standbys(now::get);

    private void hear(String node) {
        hear(node, node, "1.0.0", "up");
    }

    private void hear(String node, String host, String version, String state) {
        standbys.heard(
                node, new Standbys.Seen(host, "http://" + host, "https://" + host, version, state, Instant.EPOCH));
    }

    @Test
    void whoIsUpIsNotBehind() {
        assertThat(standbys.behind()).isZero();
        hear("a", "host-1", "1.1.0", "up");
        hear("b", "host-2", "1.1.0", "up");
        assertThat(standbys.behind()).isZero();

        hear("b", "host-2", "1.1.0", "initializing");
        assertThat(standbys.behind()).isEqualTo(1);
        hear("a", "host-1", "1.0.0", "up");
        assertThat(standbys.behind()).as("whatever version they are").isEqualTo(1);
    }

    @Test
    void aNodeThatBeganAgainIsCountedOnce() {
        hear("life 1", "host-1", "1.0.0", "up");
        hear("life 2", "host-1", "1.1.0", "up");

        assertThat(standbys.all()).extracting(Standbys.Seen::version).containsExactly("1.1.0");
        assertThat(standbys.behind()).isZero();
    }

    @Test
    void whoHasOnlyBegunToLeadDoesNotSayThatAllIsWell() {
        hear("a", "host-1", "1.1.0", "up");

        standbys.clear();

        assertThat(standbys.behind()).isEqualTo(1);
    }

    @Test
    void whoIsRefusedIsCounted() {
        standbys.refuse("a", "2.0.0", "3");
        standbys.refuse("a", "2.0.0", "3");
        standbys.refuse("b", "2.0.0", "3");
        assertThat(standbys.refusedLately()).isEqualTo(2);

        standbys.clear();
        assertThat(standbys.refusedLately()).isZero();
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
