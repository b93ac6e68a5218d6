namespace Rebound.Engine.Cpu;

/// <summary>Causal attention within the documents of a packed batch.</summary>
internal static unsafe class Attention
{
    public static void Forward(float* output, float* logSumExp, float* fused, PackedBatch batch, AttentionShape shape)
    {
        var (width, row) = (shape.HeadDim, (nint)shape.FusedHeads * shape.HeadDim);
        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var start = batch.DocumentStarts[d];
            for (var t = start; t < batch.DocumentStarts[d + 1]; t++)
            {
                for (var h = 0; h < shape.QueryHeads; h++)
                {
                    var softmax = new OnlineSoftmax(output + ((((nint)t * shape.QueryHeads) + h) * width), width);
                    for (var s = FirstKey(t, start, shape.Window); s <= t; s++)
                    {
                        var key = fused + (s * row) + ((nint)(shape.QueryHeads + (h / shape.GroupSize)) * width);
                        var score = shape.Scale * Linear.Dot(fused + (t * row) + (h * width), key, width);
                        softmax.Add(score, key + (shape.KeyValueHeads * width));
                    }

                    logSumExp[((nint)t * shape.QueryHeads) + h] = softmax.Finish();
                }
            }
        }
    }

    /// <summary>
    /// Of <c>o = Σ_s p_s·v_s</c>, <c>p = softmax(scale·q·k)</c>: <c>dv_s += p_s·do</c>,
    /// <c>ds = p_s·(do·v_s − do·o)·scale</c>, <c>dq += ds·k_s</c>, <c>dk_s += ds·q</c>.
    /// </summary>
    public static void Backward(
        float* dFused, float* dOutput, float* output, float* logSumExp, float* fused, PackedBatch batch, AttentionShape shape)
    {
        var (width, row) = (shape.HeadDim, (nint)shape.FusedHeads * shape.HeadDim);
        for (var t = 0; t < batch.TokenCount; t++)
        {
            new Span<float>(dFused + (t * row), (int)row).Clear();
        }

        for (var d = 0; d < batch.DocumentCount; d++)
        {
            var start = batch.DocumentStarts[d];
            for (var t = start; t < batch.DocumentStarts[d + 1]; t++)
            {
                for (var h = 0; h < shape.QueryHeads; h++)
                {
                    var head = ((nint)t * shape.QueryHeads) + h;
                    var query = (t * row) + (h * width);
                    var gradient = dOutput + (head * width);
                    var mean = Linear.Dot(gradient, output + (head * width), width);
                    for (var s = FirstKey(t, start, shape.Window); s <= t; s++)
                    {
                        var key = (s * row) + ((nint)(shape.QueryHeads + (h / shape.GroupSize)) * width);
                        var value = key + (shape.KeyValueHeads * width);
                        var score = shape.Scale * Linear.Dot(fused + query, fused + key, width);
                        var probability = MathF.Exp(score - logSumExp[head]);
                        var dScore = probability * (Linear.Dot(gradient, fused + value, width) - mean) * shape.Scale;
                        Linear.AddScaled(dFused + value, gradient, probability, width);
                        Linear.AddScaled(dFused + query, fused + key, dScore, width);
                        Linear.AddScaled(dFused + key, fused + query, dScore, width);
                    }
                }
            }
        }
    }

    /// <summary>The first key that a query sees, both as positions or both as rows.</summary>
    public static int FirstKey(int query, int start, int window) => window == 0 ? start : Math.Max(start, query - window + 1);
}

/// <summary>
/// A weighted mean of values under a softmax whose largest score is not known yet (Milakov and Gimelshein 2018,
/// arXiv 1805.02867).
/// </summary>
internal unsafe ref struct OnlineSoftmax
{
    private readonly float* _output;
    private readonly int _width;
    private float _largest = float.NegativeInfinity;
    private float _sum;

    public OnlineSoftmax(float* output, int width)
    {
        _output = output;
        _width = width;
        new Span<float>(output, width).Clear();
    }

    public void Add(float score, float* value)
    {
        if (score > _largest)
        {
            Scale(MathF.Exp(_largest - score));
            _sum *= MathF.Exp(_largest - score);
            _largest = score;
        }

        var weight = MathF.Exp(score - _largest);
        _sum += weight;
        Linear.AddScaled(_output, value, weight, _width);
    }

    /// <summary>Divides by the sum of weights; returns the scores' logarithm of the sum of exponentials.</summary>
    public readonly float Finish()
    {
        Scale(1 / _sum);
        return _largest + MathF.Log(_sum);
    }

    private readonly void Scale(float factor)
    {
        for (var i = 0; i < _width; i++)
        {
            _output[i] *= factor;
        }
    }
}
