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

class KeyTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "core/lock",
                "a%2Fb",
                "with space/ and more ",
                "...",
                ".hidden/..x/x..",
                "ÅNGSTRÖM",
                "e\u0301",
                "\uD83D\uDE00/\uFFFD",
                "a\\b",
                "\u00A0"
            })
    void keepsExactlyWhatItIsGiven(String path) {
        Key key = Key.of(path);

        assertThat(key.path()).isEqualTo(path);
        assertThat(key).hasToString(path);
        assertThat(key).isEqualTo(new Key(path));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''      | it is empty",
                "/       | a segment is empty",
                "/a      | a segment is empty",
                "a/      | a segment is empty",
                "a//b    | a segment is empty",
                ".       | the segments '.' and '..' are not allowed",
                "..      | the segments '.' and '..' are not allowed",
                "a/./b   | the segments '.' and '..' are not allowed",
                "a/..    | the segments '.' and '..' are not allowed",
                "../a    | the segments '.' and '..' are not allowed"
            })
    void refusesWhatIsNoSequenceOfSegments(String path, String problem) {
        assertThatThrownBy(() -> Key.of(path))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessage("'" + path + "' is not a valid key: " + messageEnd(path, problem))
                .satisfies(e -> assertThat(((InvalidKeyException) e).input()).isEqualTo(path));
    }

    private static String messageEnd(String path, String problem) {
        return path.isEmpty() || problem.startsWith("the segments")
                ? problem
                : problem + ": no leading, trailing or doubled '/' is allowed";
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x09, 0x0A, 0x1F, 0x7F, 0x80, 0x9F})
    void refusesControlCharactersAndShowsThemEscaped(int control) {
        String path = "a/b" + (char) control;

        assertThatThrownBy(() -> Key.of(path))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessage(String.format(
                        "'a/b\\u%04x' is not a valid key: control character U+%04X at index 3", control, control));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\uD83D", "\uDE00a", "a\uD83D/\uDE00", "\uDE00\uD83D", "\uD83D\uD83D\uDE00"})
    void refusesUnpairedSurrogates(String path) {
        assertThatThrownBy(() -> Key.of(path))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("unpaired surrogate at index ")
                .satisfies(e -> assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(e.getMessage()))
                        .as("the message itself can be encoded")
                        .isTrue());
    }

    @Test
    void aMessageDoesNotGrowWithTheKey() {
        assertThatThrownBy(() -> Key.of("x".repeat(100_000) + "/"))
                .hasMessageContaining("xxx…'")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }

    @Test
    void isOrderedByItsUtf8Bytes() {
        Random random = new Random(1);
        for (int i = 0; i < 50_000; i++) {
            Key a = randomKey(random);
            Key b = random.nextInt(10) == 0 ? a : randomKey(random);
            int expected = Arrays.compareUnsigned(utf8(a), utf8(b));
            assertThat(Integer.signum(a.compareTo(b))).as("'%s' and '%s'", a, b).isEqualTo(Integer.signum(expected));
        }
    }

    @Test
    void supplementaryCharactersComeAfterAllOthers() {
        assertThat(Key.of("\uD83D\uDE00")).isGreaterThan(Key.of("\uFFFD"));
        assertThat("\uD83D\uDE00").as("unlike in a plain string").isLessThan("\uFFFD");
    }

    @ParameterizedTest
    @CsvSource({"a, '', a", "a/b, a/, b", "a/b/c, a/b/, c"})
    void hasAParentAndAName(String path, String parent, String name) {
        Key key = Key.of(path);

        assertThat(key.parent()).isEqualTo(Prefix.of(parent));
        assertThat(key.name()).isEqualTo(name);
        assertThat(key.parent().key(key.name())).isEqualTo(key);
    }

    @Test
    void isNotInsideItsOwnPrefix() {
        Key key = Key.of("foo");

        assertThat(key.asPrefix()).isEqualTo(Prefix.of("foo/"));
        assertThat(key.asPrefix().contains(key)).isFalse();
        assertThat(key.asPrefix().contains(Key.of("foo/bar"))).isTrue();
    }

    private static Key randomKey(Random random) {
        String path = Texts.segment(random);
        return Key.of(random.nextBoolean() ? path : path + "/" + Texts.segment(random));
    }

    private static byte[] utf8(Key key) {
        return key.path().getBytes(StandardCharsets.UTF_8);
    }
}
