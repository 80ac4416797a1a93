package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.List;
import java.util.stream.Stream;

/**
 * The parts of etcd's transactions. All compares, those of nested transactions too, look at what was there before the
 * transaction; a compare of a range holds when it holds for every key in it, and an absent key has revision 0.
 */
final class EtcdTxn {
    private EtcdTxn() {}

    static Compare exists(ByteString key) {
        return compare(key, Compare.CompareTarget.CREATE, Compare.CompareResult.GREATER)
                .setCreateRevision(0)
                .build();
    }

    static Compare absent(ByteString key) {
        return created(key, 0);
    }

    /** Holds for the very entry that a transaction created. */
    static Compare created(ByteString key, long revision) {
        return compare(key, Compare.CompareTarget.CREATE, Compare.CompareResult.EQUAL)
                .setCreateRevision(revision)
                .build();
    }

    /** Holds when the key is absent, or was created in this revision or before. */
    static Compare notNewer(ByteString key, long revision) {
        return compare(key, Compare.CompareTarget.CREATE, Compare.CompareResult.LESS)
                .setCreateRevision(revision + 1)
                .build();
    }

    static Compare empty(EtcdKeys.Range range) {
        return compare(range.start(), Compare.CompareTarget.CREATE, Compare.CompareResult.EQUAL)
                .setRangeEnd(range.end())
                .setCreateRevision(0)
                .build();
    }

    /** Holds when nothing in the range was created after {@code revision}. */
    static Compare nothingNewer(EtcdKeys.Range range, long revision) {
        return compare(range.start(), Compare.CompareTarget.CREATE, Compare.CompareResult.LESS)
                .setRangeEnd(range.end())
                .setCreateRevision(revision + 1)
                .build();
    }

    /** Holds when the key was put exactly this often since it was created; 0 when it is absent. */
    static Compare version(ByteString key, long version) {
        return compare(key, Compare.CompareTarget.VERSION, Compare.CompareResult.EQUAL)
                .setVersion(version)
                .build();
    }

    /** Compares a value by its bytes; never holds for an absent key. */
    static Compare value(ByteString key, Compare.CompareResult result, ByteString value) {
        return compare(key, Compare.CompareTarget.VALUE, result).setValue(value).build();
    }

    static RequestOp put(ByteString key, ByteString value) {
        return put(PutRequest.newBuilder().setKey(key).setValue(value).build());
    }

    static RequestOp put(PutRequest put) {
        return RequestOp.newBuilder().setRequestPut(put).build();
    }

    static RequestOp delete(ByteString key) {
        return delete(DeleteRangeRequest.newBuilder().setKey(key));
    }

    static RequestOp delete(EtcdKeys.Range range) {
        return delete(DeleteRangeRequest.newBuilder().setKey(range.start()).setRangeEnd(range.end()));
    }

    static RequestOp get(ByteString key) {
        return read(RangeRequest.newBuilder().setKey(key));
    }

    static RequestOp read(RangeRequest.Builder range) {
        return RequestOp.newBuilder().setRequestRange(range).build();
    }

    static RequestOp nested(TxnRequest.Builder txn) {
        return RequestOp.newBuilder().setRequestTxn(txn).build();
    }

    /** The first keys of a range, in order, without their values. */
    static RangeRequest.Builder names(EtcdKeys.Range range, long limit) {
        return RangeRequest.newBuilder()
                .setKey(range.start())
                .setRangeEnd(range.end())
                .setLimit(limit)
                .setKeysOnly(true);
    }

    /** The answers to all reads of a transaction, nested ones included, in the order in which they were asked. */
    static List<RangeResponse> reads(TxnResponse answer) {
        return answer.getResponsesList().stream().flatMap(EtcdTxn::reads).toList();
    }

    /** How often a key that was read had been put since it was created; 0 when it is absent. */
    static long versionOf(RangeResponse read) {
        return read.getKvsCount() == 0 ? 0 : read.getKvs(0).getVersion();
    }

    private static Stream<RangeResponse> reads(ResponseOp answer) {
        return switch (answer.getResponseCase()) {
            case RESPONSE_RANGE -> Stream.of(answer.getResponseRange());
            case RESPONSE_TXN -> reads(answer.getResponseTxn()).stream();
            default -> Stream.of();
        };
    }

    private static RequestOp delete(DeleteRangeRequest.Builder range) {
        return RequestOp.newBuilder().setRequestDeleteRange(range).build();
    }

    private static Compare.Builder compare(ByteString key, Compare.CompareTarget target, Compare.CompareResult result) {
        return Compare.newBuilder().setKey(key).setTarget(target).setResult(result);
    }
}
