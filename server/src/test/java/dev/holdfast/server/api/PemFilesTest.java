package dev.holdfast.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.server.config.ListenerConfig;
import dev.holdfast.spi.config.ConfigException;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator is told of a file that cannot be used: which, where it is configured, and nothing of what is in it. */
class PemFilesTest {
    @TempDir
    Path directory;

    private Path cert;
    private Path key;

    @BeforeEach
    void write() throws Exception {
        KeyPair pair = pair("EC", 256);
        cert = Files.writeString(directory.resolve("tls.crt"), certificate(pair, "SHA256withECDSA"));
        key = Files.writeString(directory.resolve("tls.key"), pkcs8(pair));
    }

    private static KeyPair pair(String algorithm, int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    private static String certificate(KeyPair pair, String signature) throws Exception {
        X500Principal name = new X500Principal("CN=test");
        Instant now = Instant.now();
        return pem(new JcaX509v3CertificateBuilder(
                        name, BigInteger.ONE, Date.from(now), Date.from(now.plusSeconds(3_600)), name, pair.getPublic())
                .build(new JcaContentSignerBuilder(signature).build(pair.getPrivate())));
    }

    private static String pkcs8(KeyPair pair) throws IOException {
        return pem(new PemObject("PRIVATE KEY", pair.getPrivate().getEncoded()));
    }

    private static String pem(Object what) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(what);
        }
        return text.toString();
    }

    private KeyStore read() {
        return PemFiles.keyStore(new ListenerConfig.Tls(cert, key, "TLSv1.2"));
    }

    private void isTaken() throws KeyStoreException {
        assertThat(read().getCertificate("listener")).isNotNull();
    }

    private void isRefused(String option, Path file, String problem) throws IOException {
        assertThatThrownBy(this::read)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("listener.tcp." + option + ": " + file + ": ")
                .hasMessageContaining(problem)
                .hasMessageNotContaining("SECRET");
    }

    @Test
    void theUsualFormsAreTaken() throws Exception {
        isTaken();
        KeyPair rsa = pair("RSA", 2_048);
        Files.writeString(cert, certificate(rsa, "SHA256withRSA"));
        Files.writeString(key, "what openssl writes before it\n" + pem(rsa.getPrivate()));
        assertThat(Files.readString(key)).contains("BEGIN RSA PRIVATE KEY");
        isTaken();
        KeyPair edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Files.writeString(cert, certificate(edwards, "Ed25519"));
        Files.writeString(key, pkcs8(edwards));
        isTaken();
    }

    @Test
    void filesThatAreNotThereOrMayNotBeRead() throws IOException {
        Files.delete(cert);
        isRefused("tls_cert_file", cert, "there is no such file");
        Files.createDirectory(cert);
        isRefused("tls_cert_file", cert, "it cannot be read");
    }

    @Test
    void keysThatAreNotThereOrMayNotBeRead() throws IOException {
        Path unreadable = Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("---------"));
        Assumptions.assumingThat(
                !Files.isReadable(unreadable), () -> isRefused("tls_key_file", key, "this process may not read it"));
        Files.delete(key);
        isRefused("tls_key_file", key, "there is no such file");
    }

    @Test
    void certificatesThatAreNone() throws IOException {
        Files.writeString(cert, "");
        isRefused("tls_cert_file", cert, "certificate");
        Files.writeString(cert, "-----BEGIN CERTIFICATE-----\nSECRET\n-----END CERTIFICATE-----\n");
        isRefused("tls_cert_file", cert, "certificate");
        Files.writeString(cert, Files.readString(key));
        isRefused("tls_cert_file", cert, "certificate");
    }

    @Test
    void keysThatAreNone() throws IOException {
        Files.writeString(key, "SECRET");
        isRefused("tls_key_file", key, "there is no private key");
        Files.writeString(key, "-----BEGIN PRIVATE KEY-----\nSECRET!\n-----END PRIVATE KEY-----\n");
        isRefused("tls_key_file", key, "its private key is broken");
        Files.writeString(key, "-----BEGIN PRIVATE KEY-----\nSECRET\u00e4\n-----END PRIVATE KEY-----\n");
        isRefused("tls_key_file", key, "its private key is broken");
        Files.writeString(key, "-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n");
        isRefused("tls_key_file", key, "its private key is broken");
        Files.writeString(key, Files.readString(cert));
        isRefused("tls_key_file", key, "there is no private key");
    }

    @Test
    void aKeyOfAnotherCertificate() throws Exception {
        Files.writeString(key, pkcs8(pair("EC", 256)));
        isRefused("tls_key_file", key, "it is not the key of the first certificate in " + cert);
        Files.writeString(key, pkcs8(pair("RSA", 2_048)));
        isRefused("tls_key_file", key, "it is not the key of the first certificate in " + cert);
    }
}
