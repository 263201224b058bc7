// #[derive(ChipUsageGetter, Chip)]
// #[vm(crate = "crate::renamed::core")]
// pub struct Wrapped(AddChip);

pub struct Wrapped(AddChip);
const _: () = {
    #[automatically_derived]
    impl crate::renamed::core::arch::ChipUsageGetter for Wrapped {
        fn air_name(&self) -> ::std::string::String {
            <AddChip as crate::renamed::core::arch::ChipUsageGetter>::air_name(&self.0)
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            <AddChip as crate::renamed::core::arch::ChipUsageGetter>::current_trace_height(
                &self.0,
            )
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            <AddChip as crate::renamed::core::arch::ChipUsageGetter>::trace_width(
                &self.0,
            )
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            <AddChip as crate::renamed::core::arch::ChipUsageGetter>::current_trace_cells(
                &self.0,
            )
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl crate::renamed::core::arch::Chip for Wrapped {
        fn air(&self) -> crate::renamed::core::stark::AirRef {
            <AddChip as crate::renamed::core::arch::Chip>::air(&self.0)
        }
        fn generate_traces(
            &mut self,
            __ctx: &crate::renamed::core::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            crate::renamed::core::arch::ChipTraces,
            crate::renamed::core::arch::GenerationError,
        > {
            <AddChip as crate::renamed::core::arch::Chip>::generate_traces(
                &mut self.0,
                __ctx,
            )
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn crate::renamed::core::arch::LookupTable> {
            <AddChip as crate::renamed::core::arch::Chip>::as_lookup_table(&self.0)
        }
    }
};
