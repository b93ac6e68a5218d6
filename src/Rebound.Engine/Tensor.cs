using System.Runtime.CompilerServices;

namespace Rebound.Engine;

/// <summary>
/// A dense row-major view of a backend's memory: address, shape and element type. It owns nothing; the
/// <see cref="Arena"/> that it was carved from does, and must outlive it.
/// </summary>
public readonly unsafe struct Tensor
{
    private readonly Device? _device;

    public Tensor(nint address, Shape shape, DType dtype, Device device)
    {
        Address = address;
        Shape = shape;
        DType = dtype;
        _device = device;
    }

    /// <summary>All rows of parts.</summary>
    internal Tensor(RowParts parts, Shape shape)
    {
        var first = parts.Parts[0];
        Address = first.Address;
        Shape = shape;
        DType = parts.Parts.All(part => part.DType == first.DType) ? first.DType : DType.Mixed;
        Parts = parts;
        _device = first.Device;
    }

    /// <summary>First element's address in the memory of <see cref="Device"/>; of several <see cref="Parts"/> the first one's.</summary>
    public nint Address { get; }

    /// <summary>Where the elements lie.</summary>
    public Device Device => _device ?? Device.Host;

    public Shape Shape { get; }

    public DType DType { get; }

    /// <summary>The places of rows that lie apart; null where they follow each other.</summary>
    public RowParts? Parts { get; }

    /// <summary>True for <c>default</c>: an optional tensor that is absent.</summary>
    public bool IsEmpty => Address == 0;

    /// <summary>Number of elements.</summary>
    public long Count => Shape.Count;

    /// <summary><paramref name="count"/> entries of the first dimension, from <paramref name="start"/> on.</summary>
    public Tensor Rows(int start, int count)
    {
        if (start < 0 || count < 0 || (long)start + count > Shape[0])
        {
            throw new ArgumentOutOfRangeException(
                nameof(start), start, $"Rows {start} to {(long)start + count} are outside of the shape {Shape}.");
        }

        if (Parts is not null || (DType.IsQuantized() && !Device.IsHostMemory))
        {
            throw new ShapeException(nameof(Rows), "tensor", "of rows that follow each other", ToString());
        }

        var offset = (nint)DType.BytesOf(start * Shape.RowLength);
        return new Tensor(Address + offset, Shape.WithRows(count), DType, Device);
    }

    /// <summary>The columns <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> − 1 of a matrix.</summary>
    public ColumnRange Columns(int first, int count)
    {
        if (Shape.Rank != 2 || first < 0 || count < 0 || (long)first + count > Shape[1])
        {
            throw new ArgumentOutOfRangeException(
                nameof(first), first, $"Columns {first} to {(long)first + count} are outside of the shape {Shape}.");
        }

        return new ColumnRange(this, first, count);
    }

    /// <summary>The same memory with another shape of as many elements.</summary>
    public Tensor Reshape(Shape shape) => shape.Count == Shape.Count
        ? new Tensor(Address, shape, DType, Device)
        : throw new ShapeException(nameof(Reshape), "tensor", Shape.ToString(), shape.ToString());

    /// <summary>The same bits read as another type of as many bytes.</summary>
    public Tensor Reinterpret(DType dtype) => dtype.SizeInBytes() == DType.SizeInBytes()
        ? new Tensor(Address, Shape, dtype, Device)
        : throw new ShapeException(
            nameof(Reinterpret), "tensor", $"of elements of {dtype.SizeInBytes()} bytes to be read as {dtype}", ToString());

    /// <summary>The elements, in host memory.</summary>
    /// <exception cref="DeviceException">The tensor lies in a device's memory.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> AsSpan<T>()
        where T : unmanaged
    {
        if (sizeof(T) != DType.SizeInBytes())
        {
            throw new ArgumentException($"A {DType} tensor cannot be read as {typeof(T).Name}.");
        }

        if (!Device.IsHostMemory)
        {
            throw new DeviceException(nameof(AsSpan), ToString(), Device.Host.Name, Device.Name);
        }

        return new Span<T>((void*)Address, checked((int)Count));
    }

    public override string ToString() => $"{DType}{Shape}";
}
