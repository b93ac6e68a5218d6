#include "common.cuh"
#include "mma.cuh"
#include "streaming.cuh"
#include "decode.cuh"

// Attention of rows that are one query each over the pages of a cache: a block takes a row, a split of its keys, and GROUP
// query heads that share a key and value head. Its WARPS warps take chunks of the split's keys in turns; in a warp, KEY_LANES
// lanes share a key, each with UNIT of its elements. Many heads hold few keys at a time, for registers that two blocks find room in.

// Block x is a row from firstRow on, whose keys are those of the pages at pages[document * sequencePages] up to its own position;
// without `documents` row d is document d. Block y is a split, and within it a group of heads. Splits are of `splitPages` pages from
// the sequence's first page on, or, where that is 0, of an equal share of the pages that the row sees. With several splits the block
// that ends last joins them: arrived[row, group] counts the blocks, and is zero before and after.
extern "C" __global__ void __launch_bounds__(THREADS, 16 / WARPS) decode_attention(
    element *output, float *parts, unsigned *arrived, const element *fused, element *keyPages, element *valuePages,
    const float *cosines, const float *sines, const int *positions, const int *documents, const int *pages, int sequencePages,
    int queryHeads, int keyValueHeads, int splitPages, float scale, int window, int firstRow)
{
    __shared__ __align__(16) float shared[WARPS][GROUP][PART];
    __shared__ bool isLast;
    int heads = queryHeads / keyValueHeads, headGroups = (heads + GROUP - 1) / GROUP, groups = keyValueHeads * headGroups;
    int row = firstRow + blockIdx.x, split = blockIdx.y / groups, group = blockIdx.y % groups;
    int keyHead = group / headGroups, firstHead = group % headGroups * GROUP;
    int queries = min(GROUP, heads - firstHead), splits = gridDim.y / groups;
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32, slot = lane / KEY_LANES, column = lane % KEY_LANES * UNIT;
    bool holds = column < HEAD_DIM;

    int length = positions[row] + 1, first = window > 0 ? max(0, length - window) : 0;
    int fromPage = first / PAGE_TOKENS, seenPages = (length - 1) / PAGE_TOKENS + 1 - fromPage;
    int each = splitPages > 0 ? splitPages : (seenPages + splits - 1) / splits;
    if (splitPages > 0)
    {
        seenPages += fromPage % splitPages;
        fromPage -= fromPage % splitPages;
    }

    int active = (seenPages + each - 1) / each;
    if (split >= active)
    {
        return;
    }

    int begin = max(first, (fromPage + split * each) * PAGE_TOKENS), end = min(length, (fromPage + (split + 1) * each) * PAGE_TOKENS);
    const int *sequence = pages + (long long)(documents ? documents[row] : row) * sequencePages;
    int key = begin / CHUNK * CHUNK + warp * CHUNK, page = key < end ? sequence[key / PAGE_TOKENS] : 0;

#if ROTATES
    float cosine[UNIT] = {}, sine[UNIT] = {};
    if (holds)
    {
        load_angles(cosine, cosines + (long long)(length - 1) * (HEAD_DIM / 2), column);
        load_angles(sine, sines + (long long)(length - 1) * (HEAD_DIM / 2), column);
    }
#endif

    // Positions, pages and angles were uploaded before the step; queries, keys and values come from the kernels before this one.
    wait_for_launches();
    const element *token = fused + (long long)row * (queryHeads + 2 * keyValueHeads) * HEAD_DIM;
#if ROTATES
    unit ownKey = {}, ownValue = {};
    if (holds)
    {
        ownKey = rotated(token + (queryHeads + keyHead) * HEAD_DIM, column, cosine, sine);
        ownValue = *reinterpret_cast<const unit *>(token + (queryHeads + keyValueHeads + keyHead) * HEAD_DIM + column);
        if (end == length && firstHead == 0 && warp == 0 && slot == 0)
        {
            long long page = sequence[(length - 1) / PAGE_TOKENS];
            long long to = ((page * keyValueHeads + keyHead) * PAGE_TOKENS + (length - 1) % PAGE_TOKENS) * HEAD_DIM + column;
            *reinterpret_cast<unit *>(keyPages + to) = ownKey;
            *reinterpret_cast<unit *>(valuePages + to) = ownValue;
        }
    }
#endif

    float query[GROUP][UNIT];
#pragma unroll
    for (int g = 0; g < GROUP; g++)
    {
        unit q = {};
        if (holds && g < queries)
        {
            const element *head = token + (keyHead * heads + firstHead + g) * HEAD_DIM;
#if ROTATES
            q = rotated(head, column, cosine, sine);
#else
            q = *reinterpret_cast<const unit *>(head + column);
#endif
        }

        unpack(query[g], q);
#pragma unroll
        for (int e = 0; e < UNIT; e++)
        {
            query[g][e] *= scale * LOG2_E;
        }
    }

    softmax seen;
    seen.clear();
    while (key < end)
    {
        long long at = (((long long)page * keyValueHeads + keyHead) * PAGE_TOKENS + key % PAGE_TOKENS + slot) * HEAD_DIM + column;
        unit keys[LOADS], values[LOADS];
        bool inside[LOADS], cached[LOADS];
#pragma unroll
        for (int i = 0; i < LOADS; i++)
        {
            int own = key + i * LOAD_KEYS + slot;
            inside[i] = own >= begin && own < end;
            cached[i] = holds && inside[i] && !(ROTATES && own == length - 1);
            keys[i] = cached[i] ? load_once(reinterpret_cast<const unit *>(keyPages + at + i * LOAD_KEYS * HEAD_DIM)) : unit{};
        }

#pragma unroll
        for (int i = 0; i < LOADS; i++)
        {
            values[i] = cached[i] ? load_once(reinterpret_cast<const unit *>(valuePages + at + i * LOAD_KEYS * HEAD_DIM)) : unit{};
        }

#if ROTATES
#pragma unroll
        for (int i = 0; i < LOADS; i++)
        {
            if (key + i * LOAD_KEYS + slot == length - 1)
            {
                keys[i] = ownKey;
                values[i] = ownValue;
            }
        }
#endif

        key += WARPS * CHUNK;
        page = key < end ? sequence[key / PAGE_TOKENS] : 0;
        float scores[GROUP][LOADS];
#pragma unroll
        for (int i = 0; i < LOADS; i++)
        {
            float k[UNIT];
            unpack(k, keys[i]);
#pragma unroll
            for (int g = 0; g < GROUP; g++)
            {
                float score = 0;
#pragma unroll
                for (int e = 0; e < UNIT; e++)
                {
                    score += query[g][e] * k[e];
                }

                score = key_sum(score);
                scores[g][i] = inside[i] ? score : NEGATIVE_INFINITY;
            }
        }

        seen.add(scores, values);
    }

#pragma unroll
    for (int g = 0; g < GROUP; g++)
    {
        float total = sum_of_keys(seen.total[g]);
        if (lane == 0)
        {
            shared[warp][g][0] = seen.largest[g];
            shared[warp][g][1] = total;
        }

#pragma unroll
        for (int e = 0; e < UNIT; e++)
        {
            float sum = sum_of_keys(seen.sum[g][e]);
            if (slot == 0 && holds)
            {
                shared[warp][g][VALUES + column + e] = sum;
            }
        }
    }

    __syncthreads();
    element *to = output + ((long long)row * queryHeads + keyHead * heads + firstHead) * HEAD_DIM;
    if (active == 1)
    {
        join(to, shared[0][0], WARPS, GROUP * PART, queries);
        return;
    }

    long long stride = GROUP * PART;
    float *own = parts + ((long long)blockIdx.x * groups + group) * splits * stride;
    for (int i = threadIdx.x; i < GROUP * (1 + HEAD_DIM); i += THREADS)
    {
        int g = i / (1 + HEAD_DIM), d = i % (1 + HEAD_DIM), at = d == 0 ? 1 : VALUES + d - 1;
        float most = shared[0][g][0], sum = 0;
#pragma unroll
        for (int w = 1; w < WARPS; w++)
        {
            most = fmaxf(most, shared[w][g][0]);
        }

#pragma unroll
        for (int w = 0; w < WARPS; w++)
        {
            sum += power_of_two(shared[w][g][0] - most) * shared[w][g][at];
        }

        float *part = own + split * stride + g * PART;
        part[at] = sum;
        if (d == 0)
        {
            part[0] = most;
        }
    }

    __syncthreads();
    if (threadIdx.x == 0)
    {
        unsigned *counter = arrived + (long long)blockIdx.x * groups + group;
        isLast = arrive(counter) == active - 1;
        if (isLast)
        {
            *counter = 0;
        }
    }

    __syncthreads();
    if (isLast)
    {
        join(to, own, active, stride, queries);
    }
}
