#include "common.cuh"
#include "selection.cuh"

// Draws a token for each row of fp32 logits, a block a row: statistics of the logits as they are, guidance and edits in place,
// filters as a threshold below which tokens go, and the draw by ascending id.

// The weight of the likeliest token, 2^40: sums of all tokens' fit 64 bits.
#define UNIT 1099511627776.0f

// Room for the likeliest tokens of a row.
#define MOST_LIKELIEST 20

struct edit
{
    int token;
    float before, penalty, after;
};

struct likely_token
{
    int token;
    float logProbability;
};

// `raw` has room for the logits that edits replace; `uniform` is a fraction of 2^64; a guided row's opposite one follows it.
struct sampling_row
{
    const edit *edits;
    float *raw;
    weight uniform;
    int logitRow, editCount;
    float temperature, topP, minP, guidance;
    int topK, guided, likeliest, padding;
};

// Tokens stay whose key is above this one, and those of this key from `id` on.
struct threshold
{
    unsigned key;
    int id;
};

// The smallest key whose score is at least as likely as minP times the largest one. Not inlined, since fp64 functions take many
// registers.
__device__ __noinline__ unsigned min_p_key(float largest, float minP, scratch &s)
{
    if (threadIdx.x == 0)
    {
        unsigned key = key_of((float)(largest + log((double)minP)));
        for (int i = 0; i < 4 && exp((double)of_key(key) - largest) >= minP; i++)
        {
            key--;
        }

        for (int i = 0; i < 8 && exp((double)of_key(key) - largest) < minP; i++)
        {
            key++;
        }

        s.key = key;
    }

    __syncthreads();
    return s.key;
}

// Draws by temperature and filters.
__device__ __forceinline__ int draw(const float *row, int vocabulary, const extremes &e, const sampling_row &asked, scratch &s)
{
    float temperature = asked.temperature;
    auto scoreOf = [=](float x) { return temperature == 1 ? x : __fdiv_rn(x, temperature); };
    float largest = scoreOf(e.largest);
    auto keyOf = [=](float x) { return key_of(scoreOf(x)); };
    auto weightOfScore = [=](float score) { return (weight)__float2ull_rn(power_of_two((score - largest) * LOG2_E) * UNIT); };
    auto weightOf = [=](float x) { return weightOfScore(scoreOf(x)); };
    unsigned least = keyOf(e.least), most = key_of(largest);
    threshold kept = {0, 0};
    weight below, target;
    weight topK = asked.topK, uniform = asked.uniform;
    if (topK > 0 && topK < (weight)vocabulary)
    {
        kept.key = select(
            row, vocabulary, least, most, below, target, s, keyOf, [](float) { return (weight)1; },
            [=](weight total) { return total - min(topK, total); });
    }

    double goes = 1.0 - (double)asked.topP;
    if (goes > 0)
    {
        // What goes sums up to at most the target, so the key at which the sum passes it is the lowest that stays, of which as many go
        // as there is room for. The likeliest token alone stays of all.
        kept.key = select(
            row, vocabulary, max(kept.key, least), most, below, target, s, keyOf, weightOf,
            [=](weight total) { return min((weight)(goes * (double)total), total - 1); });
        weight tied = max(weightOfScore(of_key(kept.key)), (weight)1), gone = (target - below) / tied;
        if (gone > 0)
        {
            unsigned key = kept.key;
            kept.id = locate(
                row, vocabulary, e.id, s, [=](int, float x) { return (weight)(keyOf(x) == key); }, [=](weight) { return gone; });
        }
    }

    if (asked.minP > 0)
    {
        unsigned key = min_p_key(largest, asked.minP, s);
        kept = key > kept.key ? threshold{key, 0} : kept;
    }

    auto keptWeightOf = [=](int id, float x) {
        if (kept.key != 0)
        {
            unsigned key = keyOf(x);
            if (key < kept.key || (key == kept.key && id < kept.id))
            {
                return (weight)0;
            }
        }

        return weightOf(x);
    };
    return locate(row, vocabulary, e.id, s, keptWeightOf, [=](weight total) { return __umul64hi(uniform, total); });
}

// Writes the likeliest tokens by the logits as they are, each one the largest of those behind the one before it.
__device__ __forceinline__ void write_likeliest(
    likely_token *likeliest, int count, const float *row, int vocabulary, const extremes &e, float logSum, scratch &s)
{
    float previous = e.largest;
    int previousId = e.id;
    for (int n = 0; n < count; n++)
    {
        if (n > 0)
        {
            float largest = NEGATIVE_INFINITY;
            int id = ABSENT;
            visit(row, vocabulary, [&](int i, const float(&x)[LANES]) {
#pragma unroll
                for (int lane = 0; lane < LANES; lane++)
                {
                    bool behind = x[lane] < previous || (x[lane] == previous && i + lane > previousId);
                    if (behind && x[lane] > largest)
                    {
                        largest = x[lane];
                        id = i + lane;
                    }
                }
            });
            join_all(largest, id, s);
            previous = largest;
            previousId = id;
        }

        if (threadIdx.x == 0)
        {
            likeliest[n] = {previousId, (previous - e.largest) - logSum};
        }
    }
}

// opposite = own + guidance * (own - opposite)
__device__ __forceinline__ void guide(float *opposite, const float *own, int vocabulary, float guidance)
{
    visit(own, vocabulary, [&](int i, const float(&x)[LANES]) {
        float score[LANES];
        load(score, opposite + i);
#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            score[lane] = __fmaf_rn(x[lane] - score[lane], guidance, x[lane]);
        }

        store(opposite + i, score);
    });
}

// Edits scores in place; what was there before goes to `raw`.
__device__ __forceinline__ void apply_edits(float *scores, const sampling_row &asked)
{
    for (int e = threadIdx.x; e < asked.editCount; e += blockDim.x)
    {
        edit change = asked.edits[e];
        float score = scores[change.token];
        asked.raw[e] = score;
        score = __fadd_rn(score, change.before);
        score = score < 0 ? __fmul_rn(score, change.penalty) : __fdiv_rn(score, change.penalty);
        scores[change.token] = __fadd_rn(score, change.after);
    }
}

// The logit of a token as it was before the edits.
__device__ __forceinline__ float raw_logit(const float *row, int token, const sampling_row &asked, scratch &s)
{
    if (threadIdx.x == 0)
    {
        s.floats[0] = row[token];
    }

    __syncthreads();
    for (int e = threadIdx.x; e < asked.editCount; e += blockDim.x)
    {
        if (asked.edits[e].token == token)
        {
            s.floats[0] = asked.raw[e];
        }
    }

    __syncthreads();
    return s.floats[0];
}

// Draws for the rows from `first` on, a block a row; `logits` are theirs alone. `likeliest` has room for MOST_LIKELIEST of each row.
extern "C" __global__ void __launch_bounds__(1024) sample_rows(
    int *drawn, float *logProbabilities, likely_token *likeliest, float *logits, const sampling_row *rows, int first, int vocabulary)
{
    __shared__ scratch s;
    int r = first + blockIdx.x;
    const sampling_row &asked = rows[r];
    float *own = logits + (long long)(asked.logitRow - rows[first].logitRow) * vocabulary, *opposite = own + vocabulary;

    // Each thread keeps the sum of exponentials relative to the largest logit that it has seen.
    extremes e = {NEGATIVE_INFINITY, -NEGATIVE_INFINITY, ABSENT};
    float sum = 0;
    visit(own, vocabulary, [&](int i, const float(&x)[LANES]) {
        float before = e.largest;
        take(e, i, x);
        if (e.largest > before)
        {
            sum *= power_of_two((before - e.largest) * LOG2_E);
        }

#pragma unroll
        for (int lane = 0; lane < LANES; lane++)
        {
            sum += power_of_two((x[lane] - e.largest) * LOG2_E);
        }
    });
    float largest = e.largest;
    join_all(e.largest, e.id, s);
    e.least = -block_max(-e.least, s.floats);
    sum = block_sum(sum * power_of_two((largest - e.largest) * LOG2_E), s.floats);

    float bad = sum != sum || e.least == NEGATIVE_INFINITY ? not_finite(own, vocabulary) : 0;
    if (bad == 0 && asked.guided)
    {
        bad = not_finite(opposite, vocabulary);
    }

    if (bad != 0)
    {
        if (threadIdx.x == 0)
        {
            drawn[r] = -1;
            logProbabilities[r] = bad;
        }

        return;
    }

    float logSum = logf(sum), ownLargest = e.largest;
    write_likeliest(likeliest + (long long)r * MOST_LIKELIEST, asked.likeliest, own, vocabulary, e, logSum, s);
    float *scores = asked.guided ? opposite : own;
    if (asked.guided)
    {
        guide(opposite, own, vocabulary, asked.guidance);
    }

    if (asked.guided || asked.editCount > 0)
    {
        __syncthreads();
        apply_edits(scores, asked);
        __syncthreads();
        e = extremes_of(scores, vocabulary, s);
    }

    int token = asked.temperature == 0 ? e.id : draw(scores, vocabulary, e, asked, s);
    float raw = !asked.guided && asked.editCount > 0 ? raw_logit(own, token, asked, s) : own[token];
    if (threadIdx.x == 0)
    {
        drawn[r] = token;
        logProbabilities[r] = (raw - ownLargest) - logSum;
    }
}

// tokens[t] = drawn[sources[t]] of the tokens with a source; a row that had no token to draw gives token 0.
extern "C" __global__ void feed_drawn(int *tokens, const int *sources, const int *drawn, int count)
{
    int t = blockIdx.x * blockDim.x + threadIdx.x;
    if (t < count && sources[t] >= 0)
    {
        tokens[t] = max(drawn[sources[t]], 0);
    }
}
