using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda.Interop;

/// <summary><c>cublasLtMatmulAlgo_t</c>: opaque, valid for the version of cuBLASLt that made it, and free to be stored.</summary>
[InlineArray(8)]
internal struct ProductAlgorithm
{
    private ulong _first;
}

/// <summary><c>cublasLtMatmulHeuristicResult_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HeuristicResult
{
    public ProductAlgorithm Algorithm;
    public nuint WorkspaceBytes;

    /// <summary>0: the algorithm can be used.</summary>
    public int State;
    public float WavesCount;
    public Reserved Rest;

    [InlineArray(4)]
    internal struct Reserved
    {
        private int _first;
    }
}

/// <summary><c>cudaDataType_t</c>.</summary>
internal enum CudaDataType
{
    Float32 = 0,
    BFloat16 = 14,
}

/// <summary><c>cublasComputeType_t</c>: fp32 arithmetic, with no rounding of fp32 inputs to TF32.</summary>
internal enum CublasComputeType
{
    Float32 = 68,
}

/// <summary><c>cublasLtMatmulDescAttributes_t</c>.</summary>
internal enum ProductAttribute
{
    TransposeA = 3,
    TransposeB = 4,
    Epilogue = 7,
    BiasPointer = 8,
}

/// <summary><c>cublasLtEpilogue_t</c>.</summary>
internal enum ProductEpilogue
{
    None = 1,
    Bias = 4,
}

/// <summary><c>cublasLtMatmulPreferenceAttributes_t</c>.</summary>
internal enum PreferenceAttribute
{
    MaxWorkspaceBytes = 1,
    ReductionSchemeMask = 3,
    MinAlignmentA = 5,
    MinAlignmentB = 6,
    MinAlignmentC = 7,
    MinAlignmentD = 8,
}
