package dev.holdfast.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.cluster.Advertisement;
import dev.holdfast.server.cluster.Advertisements;
import org.junit.jupiter.api.Test;

class LinksTest {
    private final Advertisement earlier = Advertisements.of("a", 3);
    private final Advertisement later = Advertisements.of("b", 9);

    @Test
    void aLateWordOfAnEarlierActiveEndsNoLink() {
        try (Links links = new Links(link -> {})) {
            long before = System.nanoTime();
            Link link = links.to(later);
            assertThat(links.to(earlier)).isNull();

            links.correct(earlier, before);

            assertThat(links.to(earlier)).isNull();
            assertThat(links.to(later)).isSameAs(link);
        }
    }

    @Test
    void aLockStoreThatCountsFromTheBeginningAgainIsFollowed() {
        try (Links links = new Links(link -> {})) {
            assertThat(links.to(later)).isNotNull();

            links.correct(earlier, System.nanoTime() + 1);

            Link link = links.to(earlier);
            assertThat(link).isNotNull();
            assertThat(links.to(earlier)).isSameAs(link);
        }
    }
}
