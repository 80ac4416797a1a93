package dev.holdfast.server.cluster;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The P-521 key and self-signed certificate of one term. Both ends of a connection use this one pair, and both accept
 * exactly this certificate and no other: who has it could read encrypted storage.
 */
public final class TermCertificate {
    static {
        P521Signatures.install();
    }

    /** Far beyond any term; what ends it is that its term ends. */
    private static final Duration VALIDITY = Duration.ofDays(10 * 365);

    /** For nodes whose clocks are behind. */
    private static final Duration BEFORE = Duration.ofDays(1);

    private final X509Certificate certificate;
    private final PrivateKey key;

    private TermCertificate(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /** A new one. */
    public static TermCertificate create(String node) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp521r1"));
            KeyPair pair = generator.generateKeyPair();
            X500Principal name = new X500Principal("CN=holdfast-" + node);
            BigInteger serial = new BigInteger(127, new SecureRandom()).add(BigInteger.ONE);
            Instant now = Instant.now();
            var builder = new JcaX509v3CertificateBuilder(
                            name,
                            serial,
                            Date.from(now.minus(BEFORE)),
                            Date.from(now.plus(VALIDITY)),
                            name,
                            pair.getPublic())
                    .addExtension(
                            Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyAgreement))
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                        KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                    }));
            var signer = new JcaContentSignerBuilder("SHA512withECDSA").build(pair.getPrivate());
            X509Certificate certificate = new JcaX509CertificateConverter().getCertificate(builder.build(signer));
            return new TermCertificate(certificate, pair.getPrivate());
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException("P-521 and X.509 are part of every JDK", e);
        }
    }

    static TermCertificate read(String certificate, String key) {
        try {
            byte[] der = Base64.getDecoder().decode(certificate);
            X509Certificate parsed = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            PrivateKey secret = KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(key)));
            return new TermCertificate(parsed, secret);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the advertised certificate or key is broken", e);
        }
    }

    /** DER in Base64. */
    String certificateText() {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (CertificateException e) {
            throw new IllegalStateException("a certificate that was made can be encoded", e);
        }
    }

    /** PKCS #8 in Base64. */
    String keyText() {
        return Base64.getEncoder().encodeToString(key.getEncoded());
    }

    /** TLS that shows this certificate and accepts exactly it. */
    public SSLContext sslContext() {
        return sslContext(() -> this);
    }

    /**
     * The same before the certificate is known.
     *
     * @param which asked in each handshake; what it throws fails the handshake
     */
    public static SSLContext sslContext(Supplier<TermCertificate> which) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            // A key store would encrypt the key first, which costs more than all else that is done here.
            context.init(new KeyManager[] {new Own(which)}, new TrustManager[] {new Pin(which)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS is part of every JDK", e);
        }
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "term certificate " + certificate.getSerialNumber().toString(16);
    }

    /** Shows one certificate, whoever asks. */
    private static final class Own extends X509ExtendedKeyManager {
        private static final String ALIAS = "term";

        private final Supplier<TermCertificate> which;

        Own(Supplier<TermCertificate> which) {
            this.which = which;
        }

        private static boolean isOurs(String type) {
            return type.startsWith("EC");
        }

        @Override
        public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
            return isOurs(type) ? new String[] {ALIAS} : new String[0];
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return Arrays.stream(types).anyMatch(Own::isOurs) ? ALIAS : null;
        }

        @Override
        public @Nullable String chooseEngineClientAlias(
                String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return chooseClientAlias(types, issuers, null);
        }

        @Override
        public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
            return getClientAliases(type, issuers);
        }

        @Override
        public @Nullable String chooseServerAlias(
                String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return isOurs(type) ? ALIAS : null;
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return chooseServerAlias(type, issuers, null);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {which.get().certificate};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return which.get().key;
        }
    }

    /** Accepts one certificate, whatever name the connection was made to. */
    private static final class Pin extends X509ExtendedTrustManager {
        private final Supplier<TermCertificate> which;

        Pin(Supplier<TermCertificate> which) {
            this.which = which;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            X509Certificate expected = which.get().certificate;
            if (chain.length == 0 || !MessageDigest.isEqual(chain[0].getEncoded(), expected.getEncoded())) {
                throw new CertificateException("not the certificate that the active of this term advertises");
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
