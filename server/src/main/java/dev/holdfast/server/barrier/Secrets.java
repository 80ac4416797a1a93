package dev.holdfast.server.barrier;

import java.util.Arrays;
import java.util.List;

/** Overwrites what was secret. */
public final class Secrets {
    private Secrets() {}

    /** With zeros. */
    public static void wipe(byte[] secret) {
        Arrays.fill(secret, (byte) 0);
    }

    /** Each of them. */
    public static void wipe(List<byte[]> secrets) {
        secrets.forEach(Secrets::wipe);
    }
}
