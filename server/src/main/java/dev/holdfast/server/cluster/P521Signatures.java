package dev.holdfast.server.cluster;

import java.security.Provider;
import java.security.Security;
import java.security.interfaces.ECKey;
import org.bouncycastle.jcajce.provider.asymmetric.ec.SignatureSpi;
import org.jspecify.annotations.Nullable;

/**
 * Has TLS sign and verify with Bouncy Castle where the key is on P-521, as that of a term is: it takes a third of the time that
 * the JDK's own takes, and a hand-over waits for four such signatures and checks. Nothing else in this process changes.
 */
final class P521Signatures extends Provider {
    private static final long serialVersionUID = 1L;
    private static final String NAME = "HoldfastP521";
    private static final String ALGORITHM = "SHA512withECDSA";
    private static final int BITS = 521;

    private P521Signatures() {
        super(NAME, "1", ALGORITHM + " for keys on P-521");
        putService(new OnP521(this));
    }

    /** For the whole process; once. */
    static void install() {
        if (Security.getProvider(NAME) == null) {
            int unused = Security.insertProviderAt(new P521Signatures(), 1);
        }
    }

    private static final class OnP521 extends Provider.Service {
        OnP521(Provider provider) {
            super(provider, "Signature", ALGORITHM, SignatureSpi.ecDSA512.class.getName(), null, null);
        }

        @Override
        public Object newInstance(@Nullable Object parameter) {
            return new SignatureSpi.ecDSA512();
        }

        /** For every other key the next provider is asked. */
        @Override
        public boolean supportsParameter(Object key) {
            return key instanceof ECKey onCurve
                    && onCurve.getParams() != null
                    && onCurve.getParams().getCurve().getField().getFieldSize() == BITS;
        }
    }
}
