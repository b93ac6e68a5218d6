namespace Rebound.Engine.Cuda;

/// <summary>A kernel: a function of one of the embedded files.</summary>
/// <param name="File">Without its extension.</param>
/// <param name="Function">As it is declared there.</param>
/// <param name="WaitsItself">Whether it waits for the kernels ahead of it, and may begin before they have ended (streaming.cuh).</param>
internal sealed record Kernel(string File, string Function, bool WaitsItself = false);

/// <summary>The parameters that a kernel file is compiled with; each variant is a module of its own.</summary>
/// <param name="Element">Type of activations and weights.</param>
/// <param name="Other">A second type, which each kernel names.</param>
/// <param name="Wide">Rows are whole numbers of 16-byte units, which a thread then loads at once.</param>
/// <param name="HeadDim">Elements of a head, for the kernels that are compiled for one; 0 for the others.</param>
/// <param name="Hopper">Sizes of attention with Hopper's products.</param>
/// <param name="Group">Query heads of a key and value head that a block takes, for kernels that are compiled for so many; or 0.</param>
/// <param name="Warps">Warps of a block, for kernels that are compiled for groups.</param>
/// <param name="Skinny">Sizes of a product of few rows.</param>
/// <param name="Blocks">How weights in blocks lie.</param>
/// <param name="BlockProduct">Sizes of a product of few rows with weights in blocks.</param>
internal readonly record struct KernelVariant(
    DType Element, DType Other = DType.Float32, bool Wide = false, int HeadDim = 0, KernelTraits Traits = KernelTraits.None,
    HopperPlan? Hopper = null, int Group = 0, SkinnyPlan? Skinny = null, int Warps = 0,
    BlockForm? Blocks = null, BlockKernel? BlockProduct = null)
{
    private const int LoadBytes = 16;

    /// <summary>Elements that a thread loads at once.</summary>
    public int Lanes => Wide ? LanesOf(Element) : 1;

    /// <summary>Elements of a 16-byte load.</summary>
    public static int LanesOf(DType element) => LoadBytes / element.SizeInBytes();

    /// <summary>Whether rows of this width can be loaded 16 bytes at a time from these tensors.</summary>
    public static bool IsWide(DType element, long width, params ReadOnlySpan<Tensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            if (tensor.Address % LoadBytes != 0)
            {
                return false;
            }
        }

        return width % LanesOf(element) == 0;
    }

    /// <summary>The macros that the kernel files are written for.</summary>
    public IEnumerable<string> Definitions()
    {
        yield return $"-DELEMENT_BF16={Flag(Element == DType.BFloat16)}";
        yield return $"-DOTHER_BF16={Flag(Other == DType.BFloat16)}";
        yield return $"-DLANES={Lanes}";
        yield return $"-DPAGE_TOKENS={PageTable.PageTokens}";
        if (HeadDim > 0)
        {
            yield return $"-DHEAD_DIM={HeadDim}";
        }

        if (Group > 0)
        {
            yield return $"-DGROUP={Group}";
            yield return $"-DWARPS={Warps}";
            yield return $"-DROTATES={Flag(Traits.HasFlag(KernelTraits.Rotates))}";
        }

        yield return $"-DMOMENT_BF16={Flag(Traits.HasFlag(KernelTraits.BFloat16Moments))}";
        yield return $"-DSPLIT={Flag(Traits.HasFlag(KernelTraits.SplitParameter))}";
        yield return $"-DPAGED={Flag(Traits.HasFlag(KernelTraits.Paged))}";
        string[] others =
        [
            .. Hopper?.Definitions() ?? [], .. Skinny?.Definitions() ?? [], .. Blocks?.Definitions() ?? [],
            .. BlockProduct?.Definitions() ?? [],
        ];
        foreach (var definition in others)
        {
            yield return definition;
        }
    }

    private static int Flag(bool value) => value ? 1 : 0;
}

/// <summary>Further parameters of single files.</summary>
[Flags]
internal enum KernelTraits
{
    None = 0,

    /// <summary>AdamW's moments are bf16.</summary>
    BFloat16Moments = 1,

    /// <summary>AdamW's parameter is a split fp32.</summary>
    SplitParameter = 2,

    /// <summary>Keys and values come from the pages of a cache.</summary>
    Paged = 4,

    /// <summary>Attention rotates, and appends to the cache, before it attends.</summary>
    Rotates = 8,
}
