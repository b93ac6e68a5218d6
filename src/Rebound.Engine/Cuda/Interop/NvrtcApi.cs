using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Rebound.Engine.Cuda.Interop;

/// <summary>NVRTC, the compiler of kernels: a source in, a cubin or PTX out.</summary>
internal static unsafe partial class NvrtcApi
{
    private const string Library = NativeImports.Nvrtc;

    /// <summary>Architectures that this NVRTC compiles to, for example 80, 86, 90.</summary>
    public static int[] SupportedArchitectures()
    {
        int count;
        Check(nvrtcGetNumSupportedArchs(&count));
        var architectures = new int[count];
        fixed (int* first = architectures)
        {
            Check(nvrtcGetSupportedArchs(first));
        }

        return architectures;
    }

    /// <summary>Compiles one source.</summary>
    /// <param name="fileName">Stands in messages.</param>
    /// <param name="headers">What <c>#include</c> finds, by name.</param>
    /// <param name="asPtx">PTX, which the driver compiles at loading, instead of a cubin.</param>
    /// <exception cref="CudaException">The source does not compile; the message holds the compiler's log.</exception>
    public static byte[] Compile(
        string source, string fileName, IReadOnlyDictionary<string, string> headers, IReadOnlyList<string> options, bool asPtx)
    {
        using var texts = new Utf8Texts();
        var headerTexts = texts.AddAll(headers.Values);
        var headerNames = texts.AddAll(headers.Keys);
        var optionTexts = texts.AddAll(options);
        nint program;
        fixed (nint* contents = headerTexts, names = headerNames, choices = optionTexts)
        {
            Check(nvrtcCreateProgram(&program, texts.Add(source), texts.Add(fileName), headers.Count, contents, names));
            try
            {
                var result = nvrtcCompileProgram(program, options.Count, choices);
                if (result != 0)
                {
                    throw new CudaException(
                        result, ErrorName(result), $"nvrtcCompileProgram({fileName}, {string.Join(' ', options)})",
                        DriverApi.DeviceName, Log(program));
                }

                return Image(program, asPtx);
            }
            finally
            {
                _ = nvrtcDestroyProgram(&program);
            }
        }
    }

    private static byte[] Image(nint program, bool asPtx)
    {
        nuint size;
        Check(asPtx ? nvrtcGetPTXSize(program, &size) : nvrtcGetCUBINSize(program, &size));
        var image = new byte[size];
        fixed (byte* start = image)
        {
            Check(asPtx ? nvrtcGetPTX(program, start) : nvrtcGetCUBIN(program, start));
        }

        return image;
    }

    private static string Log(nint program)
    {
        nuint size;
        if (nvrtcGetProgramLogSize(program, &size) != 0)
        {
            return "no log";
        }

        var log = new byte[size];
        fixed (byte* start = log)
        {
            return nvrtcGetProgramLog(program, start) == 0 ? Encoding.UTF8.GetString(log).TrimEnd('\0', '\n') : "no log";
        }
    }

    private static void Check(int result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != 0)
        {
            throw new CudaException(result, ErrorName(result), call, DriverApi.DeviceName);
        }
    }

    private static string ErrorName(int result) => Marshal.PtrToStringUTF8(nvrtcGetErrorString(result)) ?? "an unknown status";

    [LibraryImport(Library)]
    private static partial nint nvrtcGetErrorString(int result);

    [LibraryImport(Library)]
    private static partial int nvrtcGetNumSupportedArchs(int* count);

    [LibraryImport(Library)]
    private static partial int nvrtcGetSupportedArchs(int* architectures);

    [LibraryImport(Library)]
    private static partial int nvrtcCreateProgram(
        nint* program, nint source, nint name, int headerCount, nint* headers, nint* headerNames);

    [LibraryImport(Library)]
    private static partial int nvrtcDestroyProgram(nint* program);

    [LibraryImport(Library)]
    private static partial int nvrtcCompileProgram(nint program, int optionCount, nint* options);

    [LibraryImport(Library)]
    private static partial int nvrtcGetCUBINSize(nint program, nuint* size);

    [LibraryImport(Library)]
    private static partial int nvrtcGetCUBIN(nint program, byte* cubin);

    [LibraryImport(Library)]
    private static partial int nvrtcGetPTXSize(nint program, nuint* size);

    [LibraryImport(Library)]
    private static partial int nvrtcGetPTX(nint program, byte* ptx);

    [LibraryImport(Library)]
    private static partial int nvrtcGetProgramLogSize(nint program, nuint* size);

    [LibraryImport(Library)]
    private static partial int nvrtcGetProgramLog(nint program, byte* log);

    /// <summary>Null-terminated copies of strings in native memory, freed together.</summary>
    private sealed class Utf8Texts : IDisposable
    {
        private readonly List<nint> _texts = [];

        public nint Add(string text)
        {
            _texts.Add(Marshal.StringToCoTaskMemUTF8(text));
            return _texts[^1];
        }

        public nint[] AddAll(IEnumerable<string> texts) => [.. texts.Select(Add)];

        public void Dispose() => _texts.ForEach(Marshal.FreeCoTaskMem);
    }
}
