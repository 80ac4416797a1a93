package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.BackendException.InvalidRequest;
import dev.holdfast.spi.BackendException.LimitExceeded;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Texts;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ChecksTest {
    private static final Operation OPERATION = Operation.at("test", "here").on("call", "k");
    private static final Limits LIMITS = new Limits(4, 10, 3, 20);

    @Test
    void theLengthIsThatOfTheEncoding() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            String text = Texts.random(random, 12);
            assertThat(Checks.utf8Length(text))
                    .as("'%s'", text)
                    .isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
        }
    }

    @Test
    void theLengthOfEveryCharacterIsKnown() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            String text = Character.toString(c);
            int length = text.getBytes(StandardCharsets.UTF_8).length;
            boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
            if (!surrogate && Checks.utf8Length(text) != length) {
                assertThat(Checks.utf8Length(text)).as("U+%04X", c).isEqualTo(length);
            }
        }
    }

    @Test
    void aKeyIsMeasuredInBytes() {
        assertPasses(() -> Checks.key(OPERATION, LIMITS, Key.of("abcd")));
        assertPasses(() -> Checks.key(OPERATION, LIMITS, Key.of("éé")));
        assertPasses(() -> Checks.key(OPERATION, LIMITS, Key.of("\uD83D\uDE00")));
        assertExceeds(4, 5, () -> Checks.key(OPERATION, LIMITS, Key.of("abcde")));
        assertExceeds(4, 5, () -> Checks.key(OPERATION, LIMITS, Key.of("éé!")));
        assertExceeds(4, 6, () -> Checks.key(OPERATION, LIMITS, Key.of("ééé")));
    }

    @Test
    void anEntryIsMeasuredByKeyAndValue() {
        assertPasses(() -> Checks.entry(OPERATION, LIMITS, entry("abcd", 10)));
        assertExceeds(10, 11, () -> Checks.entry(OPERATION, LIMITS, entry("abcd", 11)));
        assertExceeds(4, 5, () -> Checks.entry(OPERATION, LIMITS, entry("abcde", 0)));
    }

    @Test
    void aCommitIsMeasuredInMutationsAndInAllItsBytes() {
        assertPasses(() -> Checks.commit(OPERATION, LIMITS, List.of()));
        assertPasses(() -> Checks.commit(OPERATION, LIMITS, List.of(put("ab", 10), put("cd", 4), delete("ef"))));
        assertExceeds(
                20, 21, () -> Checks.commit(OPERATION, LIMITS, List.of(put("ab", 10), put("cd", 5), delete("ef"))));
        assertExceeds(
                20, 21, () -> Checks.commit(OPERATION, LIMITS, List.of(put("ab", 10), put("cd", 4), delete("efg"))));
        assertExceeds(
                3,
                4,
                () -> Checks.commit(OPERATION, LIMITS, List.of(delete("a"), delete("b"), delete("c"), delete("d"))));
    }

    @Test
    void everyMutationOfACommitKeepsTheOtherLimits() {
        assertExceeds(10, 11, () -> Checks.commit(OPERATION, LIMITS, List.of(delete("a"), put("b", 11))));
        assertExceeds(4, 5, () -> Checks.commit(OPERATION, LIMITS, List.of(put("a", 1), delete("bcdef"))));
    }

    @Test
    void aKeyStandsInACommitOnce() {
        assertInvalid("'a' stands twice", () -> Checks.commit(OPERATION, LIMITS, List.of(put("a", 1), put("a", 1))));
        assertInvalid("'a' stands twice", () -> Checks.commit(OPERATION, LIMITS, List.of(put("a", 1), delete("a"))));
    }

    @Test
    void aPageHasALimitAndAStartThatCanBeEncoded() {
        assertPasses(() -> Checks.page("", 1));
        assertPasses(() -> Checks.page("\uD83D\uDE00/any thing\u0000", Integer.MAX_VALUE));
        assertThatThrownBy(() -> Checks.page("", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got 0");
        assertThatThrownBy(() -> Checks.page("a\uD83D", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unpaired surrogate");
    }

    @Test
    void aLocksValueIsMeasuredInBytesAndCanBeEncoded() {
        int most = HABackend.MAX_LOCK_VALUE_BYTES;
        assertPasses(() -> Checks.lockValue(OPERATION, ""));
        assertPasses(() -> Checks.lockValue(OPERATION, "é".repeat(most / 2)));
        assertExceeds(most, most + 1, () -> Checks.lockValue(OPERATION, "é".repeat(most / 2) + "!"));
        for (char surrogate : new char[] {'\uD800', '\uDBFF', '\uDC00', '\uDFFF'}) {
            assertInvalid("unpaired surrogate", () -> Checks.lockValue(OPERATION, "a" + surrogate));
        }
        assertPasses(() -> Checks.lockValue(OPERATION, "\uD7FF\uE000"));
    }

    @Test
    void aTokenIsAtLeastOne() {
        assertPasses(() -> Checks.token(OPERATION, 1));
        assertInvalid("got 0", () -> Checks.token(OPERATION, 0));
        assertInvalid("got -1", () -> Checks.token(OPERATION, -1));
    }

    @Test
    void whatIsUndeclaredIsNamedWithTheReason() {
        assertThat(Checks.undeclared(OPERATION, Capability.LOCKS, "ha_enabled is false"))
                .hasMessageContaining("does not declare LOCKS: ha_enabled is false")
                .hasMessageContaining(OPERATION.toString());
    }

    private static Entry entry(String key, int size) {
        return Entry.of(Key.of(key), new byte[size]);
    }

    private static Mutation put(String key, int size) {
        return new Mutation.Put(entry(key, size));
    }

    private static Mutation delete(String key) {
        return new Mutation.Delete(Key.of(key));
    }

    private static void assertPasses(ThrowingCallable check) {
        assertThatCode(check).doesNotThrowAnyException();
    }

    private static void assertExceeds(long limit, long actual, ThrowingCallable check) {
        assertThatThrownBy(check).isInstanceOfSatisfying(LimitExceeded.class, e -> {
            assertThat(e.limit()).isEqualTo(limit);
            assertThat(e.actual()).isEqualTo(actual);
            assertThat(e.operation()).isEqualTo(OPERATION);
        });
    }

    private static void assertInvalid(String problem, ThrowingCallable check) {
        assertThatThrownBy(check).isInstanceOf(InvalidRequest.class).hasMessageContaining(problem);
    }
}
