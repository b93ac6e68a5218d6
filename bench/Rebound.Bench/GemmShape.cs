namespace Rebound.Bench;

/// <summary>How the operands of a product are stored, as a linear layer's forward and backward need it.</summary>
internal enum GemmForm
{
    /// <summary>Forward: A [M, K], B [N, K].</summary>
    NT,

    /// <summary>Gradient of the input: A [M, K], B [K, N].</summary>
    NN,

    /// <summary>Gradient of the weight: A [K, M], B [K, N], accumulated.</summary>
    TN,
}

/// <summary>A matrix product to be timed: C [M, N] of a sum over K.</summary>
internal readonly record struct GemmShape(string Name, GemmForm Form, int M, int N, int K)
{
    private static readonly int[] SquareSizes = [1024, 2048];
    private static readonly int[] LowRanks = [8, 16];
    private static readonly int[] DecodingRows = [1, 2, 4, 8, 12, 16, 24, 32, 64];

    public double GigaFlops => 2e-9 * M * N * K;

    /// <summary>The square products of the usual comparison.</summary>
    public static IEnumerable<GemmShape> Squares() =>
        from size in SquareSizes
        from form in Enum.GetValues<GemmForm>()
        select new GemmShape("square", form, size, size, size);

    /// <summary>
    /// The linear layers of a 15M-parameter Llama at 1,024 tokens and of SmolLM2-135M at 512; heads in blocks of 256 rows.
    /// </summary>
    public static IEnumerable<GemmShape> Training() =>
    [
        .. Layer("15M qkv", 1024, 288, 864),
        .. Layer("15M out", 1024, 288, 288),
        .. Layer("15M gate, up", 1024, 288, 1536),
        .. Layer("15M down", 1024, 768, 288),
        .. Layer("15M head", 256, 288, 32000),
        .. Layer("135M qkv", 512, 576, 960),
        .. Layer("135M out", 512, 576, 576),
        .. Layer("135M gate, up", 512, 576, 3072),
        .. Layer("135M down", 512, 1536, 576),
        .. Layer("135M head", 256, 576, 49152),
    ];

    /// <summary>SmolLM2-135M's layers forward with the rows of a decoding batch.</summary>
    public static IEnumerable<GemmShape> SmallBatchGemm() =>
        from rows in DecodingRows
        from layer in new[] { (Name: "135M gate, up", N: 3072, K: 576), (Name: "135M head", N: 49152, K: 576) }
        select new GemmShape(layer.Name, GemmForm.NT, rows, layer.N, layer.K);

    /// <summary>
    /// The products of adapters of two ranks beside SmolLM2-135M's layers at 512 tokens, matrices A stacked where the layer is fused.
    /// </summary>
    public static IEnumerable<GemmShape> LowRank() =>
        from rank in LowRanks
        from layer in new[]
        {
            (Name: "qkv", Parts: 3, K: 576, N: 576),
            (Name: "out", Parts: 1, K: 576, N: 576),
            (Name: "gate, up", Parts: 2, K: 576, N: 1536),
            (Name: "down", Parts: 1, K: 1536, N: 576),
        }
        from shape in (GemmShape[])[.. Layer($"{layer.Name}: A", 512, layer.K, layer.Parts * rank),
            .. Layer($"{layer.Name}: B", 512, rank, layer.N)]
        select shape;

    private static GemmShape[] Layer(string name, int tokens, int inputs, int outputs) =>
    [
        new(name, GemmForm.NT, tokens, outputs, inputs),
        new(name, GemmForm.NN, tokens, inputs, outputs),
        new(name, GemmForm.TN, outputs, inputs, tokens),
    ];
}
