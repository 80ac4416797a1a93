package dev.holdfast.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who signs and checks in this process. */
class P521SignaturesTest {
    private static final byte[] TEXT = {1, 2, 3};

    @BeforeAll
    static void install() {
        P521Signatures.install();
        P521Signatures.install();
    }

    private static KeyPair keys(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    private static byte[] sign(Signature with, KeyPair keys) throws GeneralSecurityException {
        with.initSign(keys.getPrivate());
        with.update(TEXT);
        return with.sign();
    }

    private static boolean accepts(Signature with, KeyPair keys, byte[] signature, byte... text)
            throws GeneralSecurityException {
        with.initVerify(keys.getPublic());
        with.update(text);
        return with.verify(signature);
    }

    /** As a TLS library asks, which does not say whose it wants. */
    private static Signature any() throws GeneralSecurityException {
        return Signature.getInstance("SHA512withECDSA");
    }

    @Test
    void keysOnP521AreUsedByTheFasterOneAndBothUnderstandEachOther() throws GeneralSecurityException {
        KeyPair keys = keys("secp521r1");
        Signature ours = any();
        Signature theirs = Signature.getInstance("SHA512withECDSA", "SunEC");

        byte[] signature = sign(ours, keys);

        assertThat(ours.getProvider().getName()).isEqualTo("HoldfastP521");
        assertThat(accepts(theirs, keys, signature, TEXT)).isTrue();
        assertThat(accepts(any(), keys, sign(theirs, keys), TEXT)).isTrue();
        assertThat(accepts(any(), keys, signature, (byte) 1)).isFalse();
    }

    @Test
    void allOtherKeysAreLeftToTheJdk() throws GeneralSecurityException {
        KeyPair keys = keys("secp256r1");
        Signature signature = any();

        byte[] signed = sign(signature, keys);

        assertThat(signature.getProvider().getName()).isEqualTo("SunEC");
        assertThat(accepts(any(), keys, signed, TEXT)).isTrue();
    }
}
