package dev.holdfast.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TermPortTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final TermCertificate certificate = TermCertificate.create("a");
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();

    private ClusterPort.Open open() throws BindException {
        if (open.incrementAndGet() != 1) {
            throw new BindException("it is in use");
        }
        opened.incrementAndGet();
        return open::decrementAndGet;
    }

    @Test
    void theNextTermsIsOpenedWhenTheLastOnesIsClosed() throws Exception {
        TermPort port = new TermPort(unused -> open());
        for (int term = 1; term <= 3; term++) {
            port.open(certificate);
            port.awaitOpen();

            assertThat(open).hasValue(1);
            port.close();
        }
        port.awaitClosed(LONG);

        assertThat(open).hasValue(0);
        assertThat(opened).hasValue(3);
    }

    @Test
    void oneThatIsClosedBeforeItIsOpenDoesNotStayOpen() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        TermPort port = new TermPort(unused -> {
            slow.await();
            return open();
        });
        port.open(certificate);

        port.close();
        slow.countDown();
        port.awaitClosed(LONG);

        assertThat(opened).hasValue(1);
        assertThat(open).hasValue(0);
    }

    @Test
    void whyItCannotBeOpenedIsToldAndTheNextTermMayTryAgain() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        TermPort port = new TermPort(unused -> {
            if (tries.incrementAndGet() == 1) {
                throw new IOException("no such address");
            }
            return open();
        });
        port.open(certificate);
        assertThatThrownBy(port::awaitOpen).isInstanceOf(IOException.class).hasMessage("no such address");
        port.close();

        port.open(certificate);
        port.awaitOpen();

        assertThat(open).hasValue(1);
    }
}
