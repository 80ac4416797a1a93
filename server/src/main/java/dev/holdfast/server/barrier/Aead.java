package dev.holdfast.server.barrier;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/** AES-256-GCM with a random nonce before the ciphertext and the tag after it. */
final class Aead {
    static final int KEY_BYTES = 32;

    /** What sealing adds to a text. */
    static final int OVERHEAD = 12 + 16;

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Aead() {}

    /** What was to be opened was not sealed with this key for this place, or was changed since. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String what) {
            super(what);
        }
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    static SecureRandom source() {
        return RANDOM;
    }

    static RawKey key(byte[] bytes) {
        return new RawKey(bytes);
    }

    /** @param header put in front, and authenticated together with {@code place} */
    static byte[] seal(SecretKey key, byte[] header, byte[] place, byte[] plain) {
        byte[] nonce = random(NONCE_BYTES);
        byte[] sealed = new byte[header.length + OVERHEAD + plain.length];
        System.arraycopy(header, 0, sealed, 0, header.length);
        System.arraycopy(nonce, 0, sealed, header.length, NONCE_BYTES);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce, 0);
            cipher.updateAAD(header);
            cipher.updateAAD(place);
            int unused = cipher.doFinal(plain, 0, plain.length, sealed, header.length + NONCE_BYTES);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is part of every JDK", e);
        }
    }

    static byte[] open(SecretKey key, byte[] header, byte[] place, byte[] sealed) throws Refused {
        if (sealed.length < header.length + OVERHEAD) {
            throw new Refused("it is too short to have been sealed");
        }
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, sealed, header.length);
            cipher.updateAAD(header);
            cipher.updateAAD(place);
            int start = header.length + NONCE_BYTES;
            return cipher.doFinal(sealed, start, sealed.length - start);
        } catch (AEADBadTagException e) {
            throw new Refused("it was not sealed with this key for this place, or was changed since");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is part of every JDK", e);
        }
    }

    private static Cipher cipher(int mode, SecretKey key, byte[] nonce, int from) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce, from, NONCE_BYTES));
        return cipher;
    }
}
