package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecentNamesTest {
    @Test
    void whatWasAddedIsRememberedUntilItIsRemoved() {
        RecentNames names = new RecentNames(1 << 10);
        assertThat(names.contains("a/")).isFalse();

        names.add("a/");
        names.add("a/");
        names.add("");
        names.remove("b/");

        assertThat(names.contains("a/")).isTrue();
        assertThat(names.contains("")).isTrue();
        names.remove("a/");
        assertThat(names.contains("a/")).isFalse();
        assertThat(names.contains("")).isTrue();
    }

    @Test
    void whereThereIsLittleRoomTheOlderOneIsForgottenAndNotTheNewerOneRemovedForIt() {
        RecentNames one = new RecentNames(1);
        one.add("older");
        one.add("newer");
        assertThat(one.contains("older")).isFalse();

        one.remove("older");

        assertThat(one.contains("newer")).isTrue();
    }

    @Test
    void manyAlikeSpreadOverAllOfTheRoom() {
        RecentNames names = new RecentNames(1 << 12);
        List<String> alike =
                IntStream.range(0, 1 << 10).mapToObj(i -> "users/" + i + "/").toList();

        alike.forEach(names::add);

        // By chance alone one in nine falls onto a later one.
        assertThat(alike.stream().filter(names::contains).count()).isGreaterThan(800);
    }

    @Test
    void aCapacityThatIsNoPowerOfTwoIsRefused() {
        assertThatThrownBy(() -> new RecentNames(1_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1000");
    }
}
