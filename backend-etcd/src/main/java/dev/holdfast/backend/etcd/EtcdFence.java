package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.List;
import java.util.Locale;

/** A token's place at the fence. The condition rides in the transaction that it guards. */
final class EtcdFence {
    private final ByteString key;
    private final long token;
    private final ByteString digits;
    private final Compare stands;
    private final RequestOp look;

    EtcdFence(EtcdKeys keys, long token) {
        this.key = keys.fence();
        this.token = token;
        this.digits = encode(token);
        this.stands = EtcdTxn.value(key, Compare.CompareResult.EQUAL, digits);
        this.look = EtcdTxn.get(key);
    }

    /** Raises the fence to the token, unless it stands higher: then the transaction succeeds in reading it. */
    TxnRequest raise() {
        return TxnRequest.newBuilder()
                .addCompare(EtcdTxn.value(key, Compare.CompareResult.GREATER, digits))
                .addSuccess(look)
                .addFailure(EtcdTxn.put(key, digits))
                .build();
    }

    /** @throws BackendException.Fenced when the fence was found higher */
    void requireRaised(Operation operation, TxnResponse answer) {
        if (answer.getSucceeded()) {
            check(operation, EtcdTxn.reads(answer).get(0));
        }
    }

    /** The same transaction, on the condition that the fence stands at the token. */
    TxnRequest guard(TxnRequest txn) {
        return txn.toBuilder().addCompare(stands).addFailure(look).build();
    }

    /**
     * Finds out whether it was the fence that made a guarded transaction fail.
     *
     * @throws BackendException.Fenced when the fence was raised
     * @throws BackendException.Corrupt when it went down, which only happens outside of this backend
     */
    void requireStanding(Operation operation, TxnResponse answer) {
        List<RangeResponse> reads = EtcdTxn.reads(answer);
        check(operation, reads.get(reads.size() - 1));
    }

    private void check(Operation operation, RangeResponse found) {
        if (found.getKvsCount() == 0) {
            throw regressed(operation, "is gone");
        }
        long standing = decode(operation, found.getKvs(0).getValue());
        if (standing > token) {
            throw new BackendException.Fenced(operation, token);
        }
        if (standing < token) {
            throw regressed(operation, "stands at " + standing);
        }
    }

    private BackendException regressed(Operation operation, String how) {
        return new BackendException.Corrupt(
                operation,
                "the fence was raised to " + token + " and now " + how
                        + ": was the store restored from a backup? Win the lock again",
                null);
    }

    /** Digits of one length, so that etcd's comparison of bytes is one of numbers. */
    private static ByteString encode(long token) {
        return ByteString.copyFromUtf8(String.format(Locale.ROOT, "%019d", token));
    }

    private static long decode(Operation operation, ByteString value) {
        String text = value.toStringUtf8();
        if (!text.matches("\\d{19}")) {
            throw new BackendException.Corrupt(operation, "the fence is not a number of 19 digits", null);
        }
        return Long.parseLong(text);
    }
}
