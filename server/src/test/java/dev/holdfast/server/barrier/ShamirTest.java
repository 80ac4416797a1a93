package dev.holdfast.server.barrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShamirTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @Test
    void anyThresholdOfTheSharesGivesTheSecret() {
        Random choice = new Random(1);
        for (int shares = 2; shares <= 9; shares++) {
            for (int threshold = 2; threshold <= shares; threshold++) {
                byte[] secret = Aead.random(32);
                List<byte[]> all = new ArrayList<>(Shamir.split(secret, shares, threshold, RANDOM));
                Collections.shuffle(all, choice);
                assertThat(Shamir.combine(all.subList(0, threshold))).isEqualTo(secret);
                assertThat(Shamir.combine(all)).isEqualTo(secret);
                if (threshold > 2) {
                    assertThat(Shamir.combine(all.subList(0, threshold - 1))).isNotEqualTo(secret);
                }
            }
        }
    }

    @Test
    void theMostShares() {
        byte[] secret = Aead.random(32);

        List<byte[]> all = Shamir.split(secret, 255, 255, RANDOM);

        assertThat(Shamir.combine(all)).isEqualTo(secret);
        assertThat(Shamir.combine(all.subList(0, 254))).isNotEqualTo(secret);
    }

    @Test
    void fewerSharesThanTheThresholdSayNothing() {
        // Of one secret byte, one of two needed shares takes every value: no secret is excluded by it.
        boolean[] seen = new boolean[256];
        for (int i = 0; i < 20_000; i++) {
            seen[Shamir.split(new byte[] {42}, 2, 2, RANDOM).get(0)[0] & 0xff] = true;
        }
        assertThat(seen).doesNotContain(false);
    }

    /** The arithmetic of FIPS 197, section 4.2: {57} x {83} = {c1}; and shares computed by hand from 42 + 7x. */
    @Test
    void theFieldIsThatOfAes() {
        assertThat(Shamir.multiply(0x57, 0x83)).isEqualTo(0xc1);
        assertThat(Shamir.multiply(0x57, 0x13)).isEqualTo(0xfe);
        byte[] one = {42 ^ 7, 1};
        byte[] two = {42 ^ 14, 2};
        assertThat(HexFormat.of().formatHex(Shamir.combine(List.of(one, two)))).isEqualTo("2a");
    }

    @Test
    void refusesWhatCannotBeShares() {
        byte[] share = {1, 2, 3};
        assertThatThrownBy(() -> Shamir.combine(List.of(share, share.clone())))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Shamir.combine(List.of(share, new byte[] {1, 9})))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Shamir.combine(List.of(share, new byte[] {1, 2, 0})))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Shamir.split(share, 3, 4, RANDOM)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Shamir.split(share, 3, 1, RANDOM)).isInstanceOf(IllegalArgumentException.class);
    }
}
