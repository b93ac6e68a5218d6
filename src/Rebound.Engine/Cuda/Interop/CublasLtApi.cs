using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda.Interop;

/// <summary>cuBLASLt: matrix products with a choice of algorithms.</summary>
internal static unsafe partial class CublasLtApi
{
    private const string Library = NativeImports.CublasLt;
    private const int NotSupported = 15;

    public static LibraryHandle Create()
    {
        nint handle;
        Check(cublasLtCreate(&handle));
        return new LibraryHandle(handle);
    }

    public static ProductDescription CreateDescription(CublasComputeType compute, CudaDataType scale)
    {
        nint description;
        Check(cublasLtMatmulDescCreate(&description, (int)compute, (int)scale));
        return new ProductDescription(description);
    }

    public static void Set<T>(ProductDescription description, ProductAttribute attribute, T value)
        where T : unmanaged =>
        Check(cublasLtMatmulDescSetAttribute(description.Value, (int)attribute, &value, (nuint)sizeof(T)));

    /// <summary>A column-major matrix.</summary>
    public static MatrixLayout CreateLayout(CudaDataType type, long rows, long columns, long leadingDimension)
    {
        nint layout;
        Check(cublasLtMatrixLayoutCreate(&layout, (int)type, (ulong)rows, (ulong)columns, leadingDimension));
        return new MatrixLayout(layout);
    }

    public static Preference CreatePreference()
    {
        nint preference;
        Check(cublasLtMatmulPreferenceCreate(&preference));
        return new Preference(preference);
    }

    public static void Set<T>(Preference preference, PreferenceAttribute attribute, T value)
        where T : unmanaged =>
        Check(cublasLtMatmulPreferenceSetAttribute(preference.Value, (int)attribute, &value, (nuint)sizeof(T)));

    /// <summary>Algorithms for a product, the one that should be fastest first; fewer than asked for, or none.</summary>
    public static HeuristicResult[] Suggest(
        LibraryHandle library, ProductDescription description, MatrixLayout a, MatrixLayout b, MatrixLayout c,
        MatrixLayout d, Preference preference, int most)
    {
        var results = new HeuristicResult[most];
        int count;
        int status;
        fixed (HeuristicResult* first = results)
        {
            status = cublasLtMatmulAlgoGetHeuristic(
                library.Value, description.Value, a.Value, b.Value, c.Value, d.Value, preference.Value, most, first, &count);
        }

        if (status == NotSupported)
        {
            return [];
        }

        Check(status, "cublasLtMatmulAlgoGetHeuristic");
        return [.. results.Take(count).Where(result => result.State == 0)];
    }

    /// <summary>Whether an algorithm that was found for another product serves this one within a workspace.</summary>
    public static bool Supports(
        LibraryHandle library, ProductDescription description, MatrixLayout a, MatrixLayout b, MatrixLayout c, MatrixLayout d,
        in ProductAlgorithm algorithm, long workspaceBytes)
    {
        HeuristicResult result;
        fixed (ProductAlgorithm* choice = &algorithm)
        {
            var status = cublasLtMatmulAlgoCheck(
                library.Value, description.Value, a.Value, b.Value, c.Value, d.Value, choice, &result);
            return status == 0 && result.State == 0 && (long)result.WorkspaceBytes <= workspaceBytes;
        }
    }

    /// <summary><c>d = alpha · op(a) · op(b) + beta · c</c>.</summary>
    public static void Multiply(
        LibraryHandle library, ProductDescription description, float alpha, nint a, MatrixLayout aLayout, nint b,
        MatrixLayout bLayout, float beta, nint c, MatrixLayout cLayout, nint d, MatrixLayout dLayout,
        in ProductAlgorithm algorithm, nint workspace, long workspaceBytes, DriverApi.StreamHandle stream)
    {
        fixed (ProductAlgorithm* choice = &algorithm)
        {
            Check(
                cublasLtMatmul(
                    library.Value, description.Value, &alpha, a, aLayout.Value, b, bLayout.Value, &beta, c, cLayout.Value, d,
                    dLayout.Value, choice, workspace, (nuint)workspaceBytes, stream.Value),
                "cublasLtMatmul");
        }
    }

    private static void Check(int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != 0)
        {
            var name = Marshal.PtrToStringUTF8(cublasLtGetStatusName(status));
            throw new CudaException(status, name ?? "an unknown status", call, DriverApi.DeviceName);
        }
    }

    [LibraryImport(Library)]
    private static partial nint cublasLtGetStatusName(int status);

    [LibraryImport(Library)]
    private static partial int cublasLtCreate(nint* handle);

    [LibraryImport(Library)]
    private static partial int cublasLtDestroy(nint handle);

    [LibraryImport(Library)]
    private static partial int cublasLtMatmulDescCreate(nint* description, int compute, int scaleType);

    [LibraryImport(Library)]
    private static partial int cublasLtMatmulDescDestroy(nint description);

    [LibraryImport(Library)]
    private static partial int cublasLtMatmulDescSetAttribute(nint description, int attribute, void* value, nuint size);

    [LibraryImport(Library)]
    private static partial int cublasLtMatrixLayoutCreate(nint* layout, int type, ulong rows, ulong columns, long leadingDimension);

    [LibraryImport(Library)]
    private static partial int cublasLtMatrixLayoutDestroy(nint layout);

    [LibraryImport(Library)]
    private static partial int cublasLtMatmulPreferenceCreate(nint* preference);

    [LibraryImport(Library)]
    private static partial int cublasLtMatmulPreferenceDestroy(nint preference);

    [LibraryImport(Library)]
    private static partial int cublasLtMatmulPreferenceSetAttribute(nint preference, int attribute, void* value, nuint size);

    [LibraryImport(Library)]
    private static partial int cublasLtMatmulAlgoGetHeuristic(
        nint handle, nint description, nint a, nint b, nint c, nint d, nint preference, int requested,
        HeuristicResult* results, int* returned);

    [LibraryImport(Library)]
    private static partial int cublasLtMatmulAlgoCheck(
        nint handle, nint description, nint a, nint b, nint c, nint d, ProductAlgorithm* algorithm, HeuristicResult* result);

    [LibraryImport(Library)]
    private static partial int cublasLtMatmul(
        nint handle, nint description, void* alpha, nint a, nint aLayout, nint b, nint bLayout, void* beta, nint c,
        nint cLayout, nint d, nint dLayout, ProductAlgorithm* algorithm, nint workspace, nuint workspaceBytes, nint stream);

    internal sealed class LibraryHandle(nint value) : CudaHandle(value)
    {
        protected override bool ReleaseHandle() => cublasLtDestroy(handle) == 0;
    }

    internal sealed class ProductDescription(nint value) : CudaHandle(value)
    {
        protected override bool ReleaseHandle() => cublasLtMatmulDescDestroy(handle) == 0;
    }

    internal sealed class MatrixLayout(nint value) : CudaHandle(value)
    {
        protected override bool ReleaseHandle() => cublasLtMatrixLayoutDestroy(handle) == 0;
    }

    internal sealed class Preference(nint value) : CudaHandle(value)
    {
        protected override bool ReleaseHandle() => cublasLtMatmulPreferenceDestroy(handle) == 0;
    }
}
