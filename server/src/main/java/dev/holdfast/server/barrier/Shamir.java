package dev.holdfast.server.barrier;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Shamir's secret sharing over GF(256), byte by byte. A share is the polynomial's values followed by the point, which is
 * the form that Vault's operators have on paper.
 *
 * <p>Own code, because the libraries for it are not maintained and it is one page. No step depends on secret bytes by a
 * branch or a table.
 */
final class Shamir {
    static final int MOST = 255;

    private Shamir() {}

    /**
     * Splits a secret.
     *
     * @param shares from 1 to 255
     * @param threshold how many recover it, at most {@code shares}; at least 2, or 1 for a single share
     */
    static List<byte[]> split(byte[] secret, int shares, int threshold, SecureRandom random) {
        if (shares == 1 && threshold == 1) {
            byte[] only = Arrays.copyOf(secret, secret.length + 1);
            only[secret.length] = 1;
            return List.of(only);
        }
        if (shares < 2 || shares > MOST || threshold < 2 || threshold > shares) {
            throw new IllegalArgumentException("2 <= threshold <= shares <= 255 does not hold");
        }
        List<byte[]> all = new ArrayList<>();
        for (int x = 1; x <= shares; x++) {
            byte[] share = new byte[secret.length + 1];
            share[secret.length] = (byte) x;
            all.add(share);
        }
        byte[] coefficients = new byte[threshold];
        try {
            for (int i = 0; i < secret.length; i++) {
                random.nextBytes(coefficients);
                coefficients[0] = secret[i];
                for (byte[] share : all) {
                    share[i] = (byte) value(coefficients, share[secret.length] & 0xff);
                }
            }
        } finally {
            Secrets.wipe(coefficients);
        }
        return all;
    }

    /**
     * What the shares give together; another secret when there are too few or one is wrong.
     *
     * @throws IllegalArgumentException when they cannot be of one secret
     */
    static byte[] combine(List<byte[]> shares) {
        int length = shares.get(0).length;
        BitSet points = new BitSet();
        for (byte[] share : shares) {
            int x = share[share.length - 1] & 0xff;
            if (share.length != length || length < 2 || x == 0 || points.get(x)) {
                throw new IllegalArgumentException("the shares are not different ones of one secret");
            }
            points.set(x);
        }
        byte[] secret = new byte[length - 1];
        for (byte[] share : shares) {
            int weight = weight(share, shares);
            for (int i = 0; i < secret.length; i++) {
                secret[i] ^= (byte) multiply(weight, share[i] & 0xff);
            }
        }
        return secret;
    }

    /** Lagrange's coefficient of a share at zero. */
    private static int weight(byte[] share, List<byte[]> shares) {
        int x = share[share.length - 1] & 0xff;
        int weight = 1;
        for (byte[] other : shares) {
            int y = other[other.length - 1] & 0xff;
            if (y != x) {
                weight = multiply(weight, multiply(y, inverse(x ^ y)));
            }
        }
        return weight;
    }

    private static int value(byte[] coefficients, int x) {
        int value = 0;
        for (int i = coefficients.length - 1; i >= 0; i--) {
            value = multiply(value, x) ^ (coefficients[i] & 0xff);
        }
        return value;
    }

    /** In the field of AES, without branches. */
    static int multiply(int a, int b) {
        int product = 0;
        for (int bit = 7; bit >= 0; bit--) {
            product = (product << 1) ^ (-(product >> 7) & 0x11b);
            product ^= -((b >> bit) & 1) & a;
        }
        return product & 0xff;
    }

    /** The 254th power, which is the inverse of all but 0. */
    private static int inverse(int a) {
        int square = multiply(a, a);
        int power = square;
        for (int i = 0; i < 6; i++) {
            square = multiply(square, square);
            power = multiply(power, square);
        }
        return power;
    }
}
