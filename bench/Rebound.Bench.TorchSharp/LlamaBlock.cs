using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Rebound.Bench.TorchSharp;

/// <summary>Attention within each document and a gated feed-forward network, on [D, T, C].</summary>
internal sealed class LlamaBlock : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly LlamaShape _shape;
    private readonly RmsNorm _norm1;
    private readonly RmsNorm _norm2;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private readonly Linear _gate;
    private readonly Linear _up;
    private readonly Linear _down;

    public LlamaBlock(LlamaShape shape)
        : base(nameof(LlamaBlock))
    {
        _shape = shape;
        (_norm1, _norm2) = (new RmsNorm(shape.Hidden), new RmsNorm(shape.Hidden));
        var kv = shape.KvHeads * shape.HeadSize;
        (_query, _key, _value) = (Bare(shape.Hidden, shape.Hidden), Bare(shape.Hidden, kv), Bare(shape.Hidden, kv));
        _output = Bare(shape.Hidden, shape.Hidden);
        (_gate, _up, _down) = (Bare(shape.Hidden, shape.Feed), Bare(shape.Hidden, shape.Feed), Bare(shape.Feed, shape.Hidden));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input, Tensor cosines, Tensor sines)
    {
        var (documents, tokens) = (input.shape[0], input.shape[1]);
        var h = _norm1.forward(input);
        var query = Rotate(Heads(_query, h, _shape.Heads), cosines, sines);
        var key = Rotate(Heads(_key, h, _shape.KvHeads), cosines, sines);
        var value = Heads(_value, h, _shape.KvHeads);
        var group = _shape.Heads / _shape.KvHeads;
        if (group > 1)
        {
            (key, value) = (key.repeat_interleave(group, 1), value.repeat_interleave(group, 1));
        }

        var attention = functional.scaled_dot_product_attention(query, key, value, is_casual: true);
        var x = input + _output.forward(attention.transpose(1, 2).reshape(documents, tokens, -1));
        h = _norm2.forward(x);
        return x + _down.forward(functional.silu(_gate.forward(h)) * _up.forward(h));
    }

    private Tensor Heads(Linear linear, Tensor input, int heads) =>
        linear.forward(input).view(input.shape[0], input.shape[1], heads, _shape.HeadSize).transpose(1, 2);

    private static Linear Bare(int inputs, int outputs) => Linear(inputs, outputs, hasBias: false);

    private static Tensor Rotate(Tensor x, Tensor cosines, Tensor sines)
    {
        var halves = x.chunk(2, -1);
        return (x * cosines) + (cat([-halves[1], halves[0]], -1) * sines);
    }
}
