package dev.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "core/", "a/b/", "a%2Fb/", " /", "\uD83D\uDE00/"})
    void keepsExactlyWhatItIsGiven(String path) {
        assertThat(Prefix.of(path).path()).isEqualTo(path);
        assertThat(Prefix.of(path)).hasToString(path);
    }

    @Test
    void theEmptyPrefixIsTheRoot() {
        assertThat(Prefix.of("")).isSameAs(Prefix.ROOT);
        assertThat(Prefix.ROOT.contains(Key.of("anything/at/all"))).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a      | it must be empty or end in '/'",
                "a/b    | it must be empty or end in '/'",
                "/      | it is empty",
                "//     | a segment is empty",
                "/a/    | a segment is empty",
                "a//    | a segment is empty",
                "./     | the segments '.' and '..' are not allowed",
                "a/../  | the segments '.' and '..' are not allowed"
            })
    void refusesWhatIsNoSequenceOfSegments(String path, String problem) {
        assertThatThrownBy(() -> Prefix.of(path))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageStartingWith("'" + path + "' is not a valid prefix: " + problem);
    }

    @ParameterizedTest
    @CsvSource({
        "foo/, foo/bar, true",
        "foo/, foo/bar/baz, true",
        "foo/, foobar, false",
        "foo/, foo, false",
        "foo/, Foo/bar, false",
        "foo/, x/foo/bar, false"
    })
    void containsWhatLiesBelowItAndStopsAtItsBoundary(String prefix, String key, boolean contained) {
        assertThat(Prefix.of(prefix).contains(Key.of(key))).isEqualTo(contained);
    }

    @Test
    void makesKeys() {
        assertThat(Prefix.of("a/").key("b/c")).isEqualTo(Key.of("a/b/c"));
        assertThat(Prefix.ROOT.key("b")).isEqualTo(Key.of("b"));
        assertThatThrownBy(() -> Prefix.of("a/").key("")).isInstanceOf(InvalidKeyException.class);
        assertThatThrownBy(() -> Prefix.of("a/").key("/b")).isInstanceOf(InvalidKeyException.class);
    }

    @Test
    void namesAreOrderedByTheirUtf8Bytes() {
        Random random = new Random(2);
        for (int i = 0; i < 50_000; i++) {
            String a = Texts.random(random, 4);
            String b = random.nextInt(10) == 0 ? a : Texts.random(random, 4);
            int expected =
                    Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
            assertThat(Integer.signum(Prefix.NAME_ORDER.compare(a, b)))
                    .as("'%s' and '%s'", a, b)
                    .isEqualTo(Integer.signum(expected));
        }
    }
}
